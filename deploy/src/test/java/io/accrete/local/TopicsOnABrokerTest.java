package io.accrete.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.topics.TopicException;
import io.accrete.topics.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicsOnABrokerTest {
  @TempDir private static Path dir;
  private static KafkaBroker broker;
  private static Admin admin;

  @BeforeAll
  static void start() {
    broker = KafkaBroker.start(dir, 0);
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  @AfterAll
  static void stop() {
    admin.close();
    broker.close();
  }

  @Test
  void shouldCreateWhatIsMissingAndLeaveWhatIsThere() throws Exception {
    Topics topics = topics("first", 3);
    topics.create(admin, "v1");
    topics.create(admin, "v1", "v2");
    assertThat(partitions(topics.imageEvents())).isEqualTo(3);
    assertThat(partitions(topics.modelVersions())).isEqualTo(1);
    assertThat(partitions(topics.embeddings("v2"))).isEqualTo(3);
    assertThat(partitions(topics.trainingProgress())).isEqualTo(1);
    assertThat(config(topics.trainingProgress()).get("retention.ms").value()).isEqualTo("604800000");
    assertThat(config(topics.imageEvents()).get("max.message.bytes").value()).isEqualTo(Integer.toString(topics.maxMessageBytes()));
    assertThat(config(topics.embeddings("v1")).get("cleanup.policy").value()).isEqualTo("compact");
  }

  @Test
  void shouldBeReadyForWritersWhenItReturns() {
    Map<String, Object> settings = Map.of("bootstrap.servers", broker.bootstrapServers());
    try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      Topics topics = topics("ready", 40);
      topics.create(admin);
      for (int partition = 0; partition < 40; partition++) {
        producer.send(new ProducerRecord<>(topics.imageSets(), partition, null, new byte[1]));
        producer.send(new ProducerRecord<>(topics.deadLetters(), partition, null, new byte[1]));
      }
      producer.flush();
      Metric retries = producer.metrics().values().stream().filter(metric -> metric.metricName().name().equals("record-retry-total")
          && metric.metricName().group().equals("producer-metrics")).findFirst().orElseThrow();
      assertThat(retries.metricValue()).isEqualTo(0.0);
    }
  }

  @Test
  void shouldSayHowATopicDiffers() throws Exception {
    topics("second", 2).create(admin);
    assertThatExceptionOfType(TopicException.class).isThrownBy(() -> topics("second", 4).create(admin))
        .withMessageContaining("'second-image-events' exists with 2 partitions; expected 4")
        .withMessageContaining(ConfigKeys.TOPIC_PARTITIONS + "=2");
    Topics third = topics("third", 2);
    admin.createTopics(List.of(new NewTopic(third.modelVersions(), 5, (short) 1))).all().get();
    assertThatExceptionOfType(TopicException.class).isThrownBy(() -> third.create(admin)).withMessageContaining("exactly 1");
  }

  @Test
  void shouldSayWhatTheClusterRefuses() {
    Topics topics = new Topics(AccreteConfig.of(Map.of(ConfigKeys.TOPIC_IMAGE_EVENTS, "not a name")));
    assertThatExceptionOfType(TopicException.class).isThrownBy(() -> topics.create(admin))
        .withMessageContaining("'not a name' cannot be created");
    Topics replicated = new Topics(AccreteConfig.of(Map.of(
        ConfigKeys.TOPIC_IMAGE_EVENTS, "replicated", ConfigKeys.TOPIC_REPLICATION, "3")));
    assertThatExceptionOfType(TopicException.class).isThrownBy(() -> replicated.create(admin))
        .withMessageContaining(ConfigKeys.TOPIC_REPLICATION);
  }

  private static Topics topics(String prefix, int partitions) {
    return new Topics(AccreteConfig.of(Map.of(
        ConfigKeys.TOPIC_PARTITIONS, Integer.toString(partitions),
        ConfigKeys.TOPIC_IMAGE_EVENTS, prefix + "-image-events",
        ConfigKeys.TOPIC_EMBEDDINGS_PREFIX, prefix + "-object-embeddings",
        ConfigKeys.TOPIC_MODEL_VERSIONS, prefix + "-model-versions",
        ConfigKeys.TOPIC_MODEL_ROLLOUTS, prefix + "-model-rollouts",
        ConfigKeys.TOPIC_ROLLOUT_REPORTS, prefix + "-rollout-reports",
        ConfigKeys.TOPIC_ROLLOUT_COMMANDS, prefix + "-rollout-commands",
        ConfigKeys.TOPIC_TRAINING_PROGRESS, prefix + "-training-progress",
        ConfigKeys.TOPIC_IMAGE_SETS, prefix + "-image-sets",
        ConfigKeys.TOPIC_DEAD_LETTERS, prefix + "-dead-letters")));
  }

  private static int partitions(String topic) throws ExecutionException, InterruptedException {
    return admin.describeTopics(List.of(topic)).topicNameValues().get(topic).get().partitions().size();
  }

  private static Config config(String topic) throws ExecutionException, InterruptedException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return admin.describeConfigs(List.of(resource)).values().get(resource).get();
  }
}
