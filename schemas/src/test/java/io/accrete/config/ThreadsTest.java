package io.accrete.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThreadsTest {
  @ParameterizedTest
  @CsvSource({"1, 3", "2, 3", "6, 3", "10, 5", "64, 8"})
  void shouldFollowTheMachineWhereNothingIsConfigured(int cores, int streams) {
    assertThat(Threads.of(AccreteConfig.of(Map.of()), cores)).isEqualTo(new Threads(streams, cores, 16, cores, 1));
  }

  @Test
  void shouldBeWhatIsConfigured() {
    AccreteConfig config = AccreteConfig.of(Map.of(ConfigKeys.STREAM_THREADS, "1", ConfigKeys.AHEAD_DECODERS, "3",
        ConfigKeys.AHEAD_FETCHERS, "5", ConfigKeys.INTRA_OP_THREADS, "7"));
    assertThat(Threads.of(config, 64)).isEqualTo(new Threads(1, 3, 5, 9, 7));
  }
}
