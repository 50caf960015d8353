package io.accrete.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SweepPaceTest {
  private static final long NOW = 1_700_000_000_000L;

  @Test
  void shouldRestInProportionToItsShare() {
    SweepPace pace = new SweepPace(0.25);
    assertThat(pace.rest(NOW)).isZero();
    pace.swept(NOW, Duration.ofMillis(30).toNanos());
    assertThat(pace.rest(NOW + 30)).isEqualTo(Duration.ofMillis(90));
    assertThat(pace.rest(NOW + 120)).isZero();
  }

  @Test
  void shouldRestForWhatWasEncodedElsewhereToo() {
    SweepPace pace = new SweepPace(0.5);
    pace.encoded(Duration.ofMillis(20).toNanos());
    pace.swept(NOW, Duration.ofMillis(10).toNanos());
    assertThat(pace.rest(NOW + 10)).isEqualTo(Duration.ofMillis(50));
    pace.swept(NOW + 60, Duration.ofMillis(10).toNanos());
    assertThat(pace.rest(NOW + 70)).isEqualTo(Duration.ofMillis(10));
  }

  @Test
  void shouldNotCountLiveEventsAsRest() {
    SweepPace pace = new SweepPace(0.5);
    pace.swept(NOW, Duration.ofMillis(10).toNanos());
    pace.live(Duration.ofMillis(40).toNanos());
    assertThat(pace.rest(NOW + 20)).isEqualTo(Duration.ofMillis(40));
    assertThat(pace.rest(NOW + 60)).isZero();
  }

  @Test
  void shouldNotRestWithTheWholeShare() {
    SweepPace pace = new SweepPace(1);
    pace.swept(NOW, Duration.ofMillis(10).toNanos());
    assertThat(pace.rest(NOW + 10)).isZero();
  }
}
