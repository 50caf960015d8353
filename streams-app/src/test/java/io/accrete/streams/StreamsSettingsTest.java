package io.accrete.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.streams.ahead.PollInterceptor;
import io.accrete.streams.ahead.Polled;
import io.accrete.streams.store.RocksDbMemory;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

class StreamsSettingsTest {
  private static final int MEBI = 1024 * 1024;

  @Test
  void shouldMakeRoomForTheLargestImage() {
    StreamsConfig settings = settings(Map.of(ConfigKeys.IMAGE_MAX_BYTES, Integer.toString(32 * MEBI)));
    assertThat(settings.getProducerConfigs("p")).containsEntry("max.request.size", 33 * MEBI)
        .containsEntry("buffer.memory", 4L * 33 * MEBI);
    assertThat(settings.getMainConsumerConfigs("g", "c", 0)).containsEntry("max.partition.fetch.bytes", 33 * MEBI)
        .containsEntry("isolation.level", "read_committed");
  }

  @Test
  void shouldKeepWhatIsEssentialWhateverTheUserSets() {
    StreamsConfig settings = settings(Map.of(
        "kafka.processing.guarantee", "at_least_once", "kafka.application.id", "other", "kafka.producer.compression.type", "lz4"));
    assertThat(settings.getString(StreamsConfig.PROCESSING_GUARANTEE_CONFIG)).isEqualTo(StreamsConfig.EXACTLY_ONCE_V2);
    assertThat(settings.getString(StreamsConfig.APPLICATION_ID_CONFIG)).isEqualTo("accrete");
    assertThat(settings.getProducerConfigs("p")).containsEntry("compression.type", "lz4").containsEntry("transaction.timeout.ms", 60_000);
  }

  @Test
  void shouldKeepThePartitionsForAsLongAsATransactionMayTake() {
    assertThat(settings(Map.of()).getMainConsumerConfigs("g", "c", 0)).containsEntry("max.poll.interval.ms", 300_000);
    assertThat(settings(Map.of(ConfigKeys.TRANSACTION_TIMEOUT, "900000")).getMainConsumerConfigs("g", "c", 0))
        .containsEntry("max.poll.interval.ms", 900_000);
  }

  @Test
  void shouldRefuseACommitIntervalThatATransactionCannotHold() {
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> settings(Map.of(ConfigKeys.COMMIT_INTERVAL, "30000")))
        .withMessageContaining("commit.interval.ms").withMessageContaining("transaction.timeout.ms");
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> settings(Map.of(ConfigKeys.COMMIT_BACKLOG_INTERVAL, "30000")))
        .withMessageContaining("commit.backlog.interval.ms");
  }

  @Test
  void shouldShowWhatTheMainConsumerPolledAndNoOther() {
    Polled<Polled.Work> polled = new Polled<>("image-events", record -> Optional.empty());
    StreamsConfig settings = settings(Map.of("kafka.main.consumer.interceptor.classes", "their.Interceptor"), polled);
    assertThat(settings.getMainConsumerConfigs("g", "c", 0)).containsEntry(PollInterceptor.POLLED, polled)
        .containsEntry("interceptor.classes", PollInterceptor.class.getName() + ",their.Interceptor");
    assertThat(settings.getRestoreConsumerConfigs("r")).doesNotContainKeys(PollInterceptor.POLLED, "interceptor.classes");
  }

  private static StreamsConfig settings(Map<String, String> values) {
    return settings(values, new Polled<>("image-events", record -> Optional.empty()));
  }

  private static StreamsConfig settings(Map<String, String> values, Polled<?> polled) {
    try (RocksDbMemory memory = new RocksDbMemory(MEBI)) {
      return new StreamsConfig(StreamsSettings.of(AccreteConfig.of(values), memory, polled));
    }
  }
}
