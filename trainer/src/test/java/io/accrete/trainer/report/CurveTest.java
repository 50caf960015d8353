package io.accrete.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class CurveTest {
  private final Curve curve = new Curve();

  @Test
  void shouldKeepAShortRunAsItIs() {
    curve.add(3, 1.5);
    curve.add(7, -2);

    assertThat(curve.points()).containsExactly(new Curve.Point(3, 1.5, 1.5, 1.5, 1), new Curve.Point(7, -2, -2, -2, 1));
    assertThat(curve.at(2)).isNaN();
    assertThat(curve.at(6)).isEqualTo(1.5);
  }

  @Test
  void shouldDrawALongRunTogether() {
    for (int step = 0; step < 10_000; step++) {
      curve.add(step, step % 10 == 9 ? 100 : step % 10);
    }

    assertThat(curve.points()).hasSizeBetween(Curve.POINTS / 2, Curve.POINTS);
    assertThat(curve.points()).extracting(Curve.Point::step).isSorted();
    assertThat(curve.points().stream().mapToLong(Curve.Point::count).sum()).isEqualTo(10_000);
    assertThat(curve.points().stream().mapToDouble(point -> point.mean() * point.count()).sum()).isCloseTo(136_000, within(1e-6));
    assertThat(curve.min()).isZero();
    assertThat(curve.max()).isEqualTo(100);
  }

  @Test
  void shouldPassOverWhatIsNoNumber() {
    curve.add(1, Double.NaN);
    curve.add(2, Double.POSITIVE_INFINITY);

    assertThat(curve.isEmpty()).isTrue();
  }

  @Test
  void shouldHaveRoundTicks() {
    assertThat(new Axis(0, 1, 0, 100).ticks(5)).containsExactly(0.0, .5, 1.0);
    assertThat(new Axis(0, 3_999, 0, 100).ticks(5)).containsExactly(0.0, 1_000.0, 2_000.0, 3_000.0);
    assertThat(Axis.around(2, 2, 0, 100).ticks(5)).isNotEmpty().allMatch(tick -> tick > 1.5 && tick < 2.5);
    assertThat(Axis.around(0, 0, 0, 100).at(0)).isEqualTo("50.0");
    assertThat(Axis.around(.1, 4, 0, 100).min()).isZero();
    assertThat(Axis.around(3, 4, 0, 100).min()).isEqualTo(3);
  }

  @Test
  void shouldWriteNumbersShort() {
    assertThat(List.of(0.0, 1.0, 250.04, .00012345, .0000012345, -3.14159, 40_000.0, Double.NaN)).extracting(Numbers::text)
        .containsExactly("0", "1", "250", "0.0001234", "1.23e-6", "-3.142", "40000", "–");
    assertThat(List.of(0.0, 500.0, 9_000.0, 20_000.0, 1_500_000.0)).extracting(Numbers::brief)
        .containsExactly("0", "500", "9000", "20k", "1.5M");
  }
}
