package io.accrete.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {
  private final Topics defaults = new Topics(AccreteConfig.of(Map.of()));

  @Test
  void shouldListEveryTopic() {
    Map<String, Topic> topics = byName(defaults);
    assertThat(topics.keySet())
        .containsExactlyInAnyOrder("image-events", "image-events.dlq", "image-sets", "model-versions", "model-rollouts",
            "rollout-reports", "rollout-commands", "training-progress");
    assertThat(topics.get("image-events").partitions()).isEqualTo(6);
    assertThat(topics.get("model-versions").partitions()).isEqualTo(1);
    assertThat(topics.get("model-rollouts").partitions()).isEqualTo(1);
    assertThat(topics.get("model-versions").configs()).containsEntry("cleanup.policy", "compact");
    assertThat(defaults.embeddingsTopic("v1")).satisfies(topic -> {
      assertThat(topic.name()).isEqualTo("object-embeddings.v1");
      assertThat(topic.partitions()).isEqualTo(6);
      assertThat(topic.configs()).containsEntry("cleanup.policy", "compact");
    });
  }

  @Test
  void shouldMakeRoomForTheLargestImage() {
    int image = 64 * 1024 * 1024;
    Topics topics = new Topics(AccreteConfig.of(Map.of(ConfigKeys.IMAGE_MAX_BYTES, Integer.toString(image))));
    assertThat(topics.maxMessageBytes()).isGreaterThan(image);
    for (String name : new String[] {topics.imageEvents(), topics.imageSets(), topics.deadLetters()}) {
      assertThat(byName(topics).get(name).configs()).containsEntry("max.message.bytes", Integer.toString(topics.maxMessageBytes()));
    }
  }

  @Test
  void shouldBoundWhatIsKept() {
    Map<String, Topic> topics = byName(defaults);
    assertThat(topics.get("image-events").configs()).containsEntry("cleanup.policy", "delete").containsEntry("retention.ms", "604800000");
    assertThat(Long.parseLong(topics.get("image-sets").configs().get("retention.bytes"))).isPositive();
    assertThat(Long.parseLong(topics.get("image-events.dlq").configs().get("retention.ms"))).isPositive();
  }

  @Test
  void shouldTakeNamesAndSizesFromTheConfiguration() {
    Topics topics = new Topics(AccreteConfig.of(Map.of(
        ConfigKeys.TOPIC_IMAGE_EVENTS, "photos", ConfigKeys.TOPIC_PARTITIONS, "3", ConfigKeys.TOPIC_REPLICATION, "2",
        ConfigKeys.TOPIC_EMBEDDINGS_PREFIX, "vectors")));
    NewTopic photos = byName(topics).get("photos").asNew();
    assertThat(photos.numPartitions()).isEqualTo(3);
    assertThat(photos.replicationFactor()).isEqualTo((short) 2);
    assertThat(topics.embeddings("m")).isEqualTo("vectors.m");
    assertThat(defaults.all().get(0).asNew().replicationFactor()).isEqualTo((short) -1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a/b", "ä", "x\n"})
  void shouldRefuseWhatIsNotAModelVersion(String version) {
    assertThatIllegalArgumentException().isThrownBy(() -> defaults.embeddings(version)).withMessageContaining("model version");
    assertThatIllegalArgumentException().isThrownBy(() -> defaults.embeddings("v".repeat(101)));
  }

  private static Map<String, Topic> byName(Topics topics) {
    return topics.all().stream().collect(Collectors.toMap(Topic::name, Function.identity()));
  }
}
