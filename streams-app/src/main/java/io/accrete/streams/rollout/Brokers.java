package io.accrete.streams.rollout;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import io.accrete.topics.Topics;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.StreamsGroupMemberDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What is asked of the brokers, and done there, about one application's rollouts. */
public final class Brokers implements AutoCloseable {
  private static final int TIMEOUT_MS = 15_000;

  private final Topics topics;
  private final String application;
  private final Admin admin;

  Brokers(AccreteConfig config) {
    topics = new Topics(config);
    application = config.getString(ConfigKeys.APPLICATION_ID);
    Map<String, Object> client = config.kafkaClient();
    client.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    client.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    admin = Admin.create(client);
  }

  /**
   * The id of the instance whose stream thread has this client id; as Kafka Streams names it:
   * {@code <application.id>-<id>-StreamThread-1-consumer}.
   */
  static String instance(String clientId, String application) {
    String id = clientId.replaceFirst("-StreamThread-\\d+(-.*)?$", "");
    return id.startsWith(application + "-") ? id.substring(application.length() + 1) : id;
  }

  /** As far as deciding needs it now: each answer costs the brokers something. */
  Application application(RolloutView view, boolean forCommand) {
    boolean warming = view.latest(RolloutState.WARMING).isPresent();
    boolean beginning = view.latest(RolloutState.ACTIVE).isEmpty();
    return new Application(warming ? instances() : Set.of(), beginning && hasHistory(),
        forCommand ? withTopic(admin, topics, view) : Set.of());
  }

  private Set<String> instances() {
    Set<String> instances = new TreeSet<>();
    clientIds().forEach(id -> instances.add(instance(id, application)));
    return instances;
  }

  private Stream<String> clientIds() {
    List<String> group = List.of(application);
    try {
      return await(admin.describeConsumerGroups(group).describedGroups().get(application)).members().stream()
          .map(MemberDescription::clientId);
    } catch (GroupIdNotFoundException e) { // none, or one of the protocol of Kafka Streams itself
      try {
        return await(admin.describeStreamsGroups(group).describedGroups().get(application)).members().stream()
            .map(StreamsGroupMemberDescription::clientId);
      } catch (GroupIdNotFoundException none) {
        return Stream.empty();
      }
    }
  }

  private boolean hasHistory() {
    try {
      Map<?, OffsetAndMetadata> offsets = await(admin.listConsumerGroupOffsets(application).partitionsToOffsetAndMetadata());
      return offsets.values().stream().anyMatch(offset -> offset != null && offset.offset() > 0);
    } catch (GroupIdNotFoundException e) {
      return false;
    }
  }

  /** Those versions whose rollout has ended, and of which there is an embeddings topic. */
  public static Set<String> withTopic(Admin admin, Topics topics, RolloutView view) {
    Set<String> found = new HashSet<>();
    for (RolloutEvent event : view.events()) {
      if (RolloutView.isOver(event.getState())) {
        String topic = topics.embeddings(event.getModelVersion());
        try {
          await(admin.describeTopics(List.of(topic)).topicNameValues().get(topic));
          found.add(event.getModelVersion());
        } catch (UnknownTopicOrPartitionException e) {
          continue; // gone, or never there
        }
      }
    }
    return found;
  }

  /** Creates the embeddings topic of a version, if it is missing; throws {@link io.accrete.topics.TopicException} if it cannot. */
  void createTopic(String version) {
    topics.create(admin, version);
  }

  /** Deletes the embeddings topic of a version, if there is one. */
  void deleteTopic(String version) {
    try {
      await(admin.deleteTopics(List.of(topics.embeddings(version))).all());
    } catch (UnknownTopicOrPartitionException e) {
      return; // as wanted
    }
  }

  /** The result, or its error as Kafka's exception. */
  static <T> T await(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}
