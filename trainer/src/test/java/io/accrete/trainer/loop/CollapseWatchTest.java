package io.accrete.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.accrete.trainer.loop.CollapseWatch.Reading;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollapseWatchTest {
  private static final CollapseLimits LIMITS = CollapseLimits.standard();
  private static final double CLASSES = Math.log(1024);

  private final CollapseWatch watch = new CollapseWatch(LIMITS, Optional.empty());
  private final Random random = new Random(7);

  @Test
  void shouldMeasureRandomVectorsAsSpreadOut() {
    Reading reading = Reading.of(around(1, 256, 128));

    assertThat(reading.deviation()).isCloseTo(1, within(.02));
    assertThat(reading.cosine()).isCloseTo(0, within(.01));
    assertThat(reading.rank()).isBetween(110.0, 128.0);
    assertThat(reading.possibleRank()).isEqualTo(128);
  }

  /** Singular values 2, 1, 1: shares a half and two quarters, an entropy of one and a half bits. */
  @Test
  void shouldMeasureTheEffectiveRankOfRoyAndVetterli() {
    Reading reading = Reading.of(new float[][] {{1, 0, 0}, {1, 0, 0}, {1, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}});

    assertThat(reading.rank()).isCloseTo(Math.pow(2, 1.5), within(1e-9));
    assertThat(reading.cosine()).isCloseTo(12 / 30.0, within(1e-9));
    double deviation = (Math.sqrt(4 / 6.0 - 16 / 36.0) + 2 * Math.sqrt(1 / 6.0 - 1 / 36.0)) / Math.sqrt(3);
    assertThat(reading.deviation()).isCloseTo(deviation, within(1e-9));
  }

  @Test
  void shouldMeasureEqualVectorsAsOne() {
    Reading reading = Reading.of(around(0, 64, 256));

    assertThat(reading.rank()).isCloseTo(1, within(1e-3));
    assertThat(reading.cosine()).isCloseTo(1, within(1e-5));
    assertThat(reading.deviation()).isCloseTo(0, within(1e-3));
    assertThat(reading.possibleRank()).isEqualTo(64);
  }

  @Test
  void shouldLeaveAHealthyRunAlone() {
    assertThat(after(20, .3, CLASSES * .5)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(doubles = {.09, .01, 0})
  void shouldFindEmbeddingsThatHaveBecomeEqual(double noise) {
    watch.judge(0, reading(.7));

    assertThat(after(LIMITS.readings() - 1, noise, CLASSES / 2)).isEmpty();
    assertThat(watch.judge(9_000, reading(noise))).get().asString().startsWith("collapsed: since step 1000 ").contains("of 64");
  }

  /** Opposite points are far apart, and still all there is. */
  @Test
  void shouldFindEmbeddingsThatHaveBecomeTwoPoints() {
    float[][] points = around(.001, 64, 256);
    for (int row = 0; row < points.length; row += 2) {
      for (int i = 0; i < points[row].length; i++) {
        points[row][i] = -points[row][i];
      }
    }
    watch.judge(0, reading(.7));
    Optional<String> verdict = Optional.empty();
    for (int i = 0; i < LIMITS.readings(); i++) {
      verdict = watch.judge(1_000 + i, Reading.of(points));
    }

    assertThat(verdict).get().asString().contains("effective rank 1.");
  }

  @Test
  void shouldNotTakeAFreshNetworkForCollapsed() {
    assertThat(after(20, .02, CLASSES / 2)).isEmpty();
    assertThat(after(LIMITS.readings(), .002, CLASSES / 2)).isPresent();
  }

  @Test
  void shouldWaitForTheWarmUp() {
    watch.judge(0, reading(.7));
    for (long step = 1; step < LIMITS.warmup(); step++) {
      assertThat(watch.judge(step, Reading.of(around(0, 8, 16)))).isEmpty();
    }
  }

  @Test
  void shouldForgetBadReadingsAfterAGoodOne() {
    watch.judge(0, reading(.7));
    for (int i = 0; i < 5; i++) {
      assertThat(after(LIMITS.readings() - 1, 0, CLASSES / 2)).isEmpty();
      assertThat(after(1, .7, CLASSES / 2)).isEmpty();
    }
  }

  @Test
  void shouldKnowTheFirstReadingOfAnEarlierProcess() {
    CollapseWatch resumed = new CollapseWatch(LIMITS, Optional.of(reading(.7)));
    Optional<String> verdict = Optional.empty();
    for (int i = 0; i < LIMITS.readings(); i++) {
      verdict = resumed.judge(1_000 + i, reading(.01));
    }

    assertThat(verdict).isPresent();
  }

  @Test
  void shouldFindATeacherThatTellsNothingApart() {
    assertThat(after(LIMITS.readings() - 1, .7, CLASSES)).isEmpty();
    assertThat(after(1, .7, CLASSES)).get().asString().contains("tells nothing apart (entropy 6.931 of at most 6.931)");
  }

  @Test
  void shouldFindATeacherWithoutDoubt() {
    assertThat(after(LIMITS.readings() - 1, .7, 0)).isEmpty();
    assertThat(after(1, .7, 0)).get().asString().contains("no doubt").contains("entropy 0.000");
  }

  /** Unsure of one photo as of the next: neither certain nor uniform. */
  @Test
  void shouldFindATeacherThatAnswersEveryPhotoAlike() {
    Optional<String> verdict = Optional.empty();
    for (int i = 0; i < LIMITS.readings(); i++) {
      assertThat(verdict).isEmpty();
      verdict = watch.judge(1_000 + i, reading(.7).withTeacher(CLASSES / 2, CLASSES, 1e-5));
    }

    assertThat(verdict).get().asString().contains("alike (information 0.000010");
  }

  @Test
  void shouldStopAtOnceWhereThereAreNoNumbers() {
    float[][] broken = around(.7, 8, 16);
    broken[3][5] = Float.NaN;

    assertThat(watch.judge(3, Reading.of(broken))).get().asString().startsWith("diverged: at step 3 ");
    assertThat(watch.judge(3, reading(.7).withTeacher(Double.NaN, CLASSES, 1))).isPresent();
  }

  @Test
  void shouldRefuseASingleObject() {
    assertThatThrownBy(() -> Reading.of(around(1, 1, 16))).hasMessageContaining("at least 2 objects, found 1");
  }

  private Optional<String> after(int readings, double noise, double entropy) {
    Optional<String> verdict = Optional.empty();
    for (int i = 0; i < readings; i++) {
      verdict = watch.judge(1_000 + i, reading(noise).withTeacher(entropy, CLASSES, 1));
    }
    return verdict;
  }

  private Reading reading(double noise) {
    return Reading.of(around(noise, 64, 256));
  }

  /** Unit vectors: one of them, and so much noise of unit length; 1 is noise alone. */
  private float[][] around(double noise, int n, int d) {
    double[] centre = unit(d);
    float[][] vectors = new float[n][d];
    for (float[] vector : vectors) {
      double[] other = unit(d);
      double squares = 0;
      for (int i = 0; i < d; i++) {
        other[i] = (1 - noise) * centre[i] + noise * other[i];
        squares += other[i] * other[i];
      }
      for (int i = 0; i < d; i++) {
        vector[i] = (float) (other[i] / Math.sqrt(squares));
      }
    }
    return vectors;
  }

  private double[] unit(int d) {
    double[] vector = random.doubles(d, -1, 1).toArray();
    double length = Math.sqrt(Arrays.stream(vector).map(value -> value * value).sum());
    return Arrays.stream(vector).map(value -> value / length).toArray();
  }
}
