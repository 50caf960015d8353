package io.accrete.topics;

import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_COMPACT;
import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_DELETE;
import static org.apache.kafka.common.config.TopicConfig.MAX_MESSAGE_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;

/** The catalogue of all topics. Keys of all of them are UTF-8 strings. */
public final class Topics {
  /** A model version: letters, digits, '.', '_' and '-', at most 100. */
  public static final Pattern MODEL_VERSION = Pattern.compile("[A-Za-z0-9._-]{1,100}");

  /** Room beside the image in a message: key, attributes, headers of the dead letter topic. */
  private static final int OVERHEAD_BYTES = 1024 * 1024;
  private static final Duration EVENTS_KEPT = Duration.ofDays(7);
  private static final Duration DEAD_LETTERS_KEPT = Duration.ofDays(30);
  private static final long IMAGE_SETS_BYTES = 1L << 30; // a partition

  private final AccreteConfig config;

  public Topics(AccreteConfig config) {
    this.config = config;
  }

  public String imageEvents() {
    return config.getString(ConfigKeys.TOPIC_IMAGE_EVENTS);
  }

  /**
   * The topic that holds the embeddings of one model version, and so one vector space.
   *
   * @throws IllegalArgumentException if the version does not match {@link #MODEL_VERSION}
   */
  public String embeddings(String modelVersion) {
    if (!MODEL_VERSION.matcher(modelVersion).matches()) {
      throw new IllegalArgumentException("'" + modelVersion
          + "' is not a model version: expected 1 to 100 letters, digits, '.', '_' or '-'.");
    }
    return config.getString(ConfigKeys.TOPIC_EMBEDDINGS_PREFIX) + "." + modelVersion;
  }

  public String modelVersions() {
    return config.getString(ConfigKeys.TOPIC_MODEL_VERSIONS);
  }

  public String modelRollouts() {
    return config.getString(ConfigKeys.TOPIC_MODEL_ROLLOUTS);
  }

  public String rolloutReports() {
    return config.getString(ConfigKeys.TOPIC_ROLLOUT_REPORTS);
  }

  public String rolloutCommands() {
    return config.getString(ConfigKeys.TOPIC_ROLLOUT_COMMANDS);
  }

  public String imageSets() {
    return config.getString(ConfigKeys.TOPIC_IMAGE_SETS);
  }

  public String trainingProgress() {
    return config.getString(ConfigKeys.TOPIC_TRAINING_PROGRESS);
  }

  public String deadLetters() {
    return config.getString(ConfigKeys.TOPIC_DEAD_LETTERS);
  }

  /** Largest record, in bytes, of the topics that carry images; producers to them need it as their {@code max.request.size}. */
  public int maxMessageBytes() {
    return config.getInt(ConfigKeys.IMAGE_MAX_BYTES) + OVERHEAD_BYTES;
  }

  /** Every topic that is there whatever the models are. */
  public List<Topic> all() {
    return List.of(
        keyed(imageEvents(), images(EVENTS_KEPT.toMillis(), -1)),
        keyed(deadLetters(), images(DEAD_LETTERS_KEPT.toMillis(), -1)),
        keyed(imageSets(), images(-1, IMAGE_SETS_BYTES)),
        single(modelVersions()),
        single(modelRollouts()),
        single(rolloutReports()),
        shortLived(rolloutCommands()),
        shortLived(trainingProgress()));
  }

  /** The embeddings topic of one model version. */
  public Topic embeddingsTopic(String modelVersion) {
    return keyed(embeddings(modelVersion), compacted());
  }

  /**
   * Creates the topics of {@link #all()} and the embeddings topics of these model versions, as far as they are missing.
   *
   * @throws TopicException if the cluster refuses, or a topic exists with another number of partitions; the message is for people
   */
  public void create(Admin admin, String... modelVersions) {
    TopicCreation creation = new TopicCreation(admin);
    creation.create(all());
    creation.create(List.of(modelVersions).stream().map(this::embeddingsTopic).toList());
  }

  private Topic keyed(String name, Map<String, String> configs) {
    return new Topic(name, config.getInt(ConfigKeys.TOPIC_PARTITIONS), replication(), configs);
  }

  private Topic single(String name) {
    return new Topic(name, 1, replication(), compacted());
  }

  private Topic shortLived(String name) {
    return new Topic(name, 1, replication(), Map.of(CLEANUP_POLICY_CONFIG, CLEANUP_POLICY_DELETE,
        RETENTION_MS_CONFIG, Long.toString(EVENTS_KEPT.toMillis())));
  }

  private int replication() {
    return config.getInt(ConfigKeys.TOPIC_REPLICATION);
  }

  private Map<String, String> images(long keptMillis, long keptBytes) {
    return Map.of(
        CLEANUP_POLICY_CONFIG, CLEANUP_POLICY_DELETE,
        RETENTION_MS_CONFIG, Long.toString(keptMillis),
        RETENTION_BYTES_CONFIG, Long.toString(keptBytes),
        MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxMessageBytes()));
  }

  private static Map<String, String> compacted() {
    return Map.of(CLEANUP_POLICY_CONFIG, CLEANUP_POLICY_COMPACT);
  }
}
