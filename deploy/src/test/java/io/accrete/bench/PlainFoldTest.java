package io.accrete.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.Bundle;
import io.accrete.catalogue.Catalogue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainFoldTest {
  private static final String OBJECT = "object";

  @TempDir private Path dir;

  /** Else a proof could not fail. */
  @Test
  void shouldTellEveryImageItsOrderAndTheVersion() {
    Catalogue catalogue = new Catalogue(1, 2);
    List<BenchPhoto> all = IntStream.range(0, 4).mapToObj(view -> new BenchPhoto(OBJECT, view + ".jpg", catalogue.photo(0, view))).toList();
    Bundle one = BenchBundles.write(dir.resolve("one"), 1, 32, 128, 1);
    float[] whole = fold(one, all);
    assertThat(fold(one, all)).isEqualTo(whole);
    assertThat(apart(fold(one, all.subList(0, 3)), whole)).as("the last image left out").isGreaterThan(100 * Proof.TOLERANCE);
    assertThat(apart(fold(one, all.subList(1, 4)), whole)).as("the first image left out").isGreaterThan(100 * Proof.TOLERANCE);
    assertThat(apart(fold(one, List.of(all.get(1), all.get(0), all.get(2), all.get(3))), whole)).as("in another order")
        .isGreaterThan(100 * Proof.TOLERANCE);
    assertThat(apart(fold(BenchBundles.write(dir.resolve("two"), 11, 32, 128, 1), all), whole)).as("another version")
        .isGreaterThan(100 * Proof.TOLERANCE);
    assertThat(apart(fold(BenchBundles.otherAggregator(one, dir.resolve("three")), all), whole)).as("another aggregator")
        .isGreaterThan(100 * Proof.TOLERANCE);
  }

  private static float[] fold(Bundle bundle, List<BenchPhoto> photos) {
    try (PlainFold plain = new PlainFold(bundle, tokens -> tokens)) {
      return plain.fold(Map.of(OBJECT, photos), folded -> { }).get(OBJECT);
    }
  }

  private static double apart(float[] one, float[] other) {
    return IntStream.range(0, one.length).mapToDouble(i -> Math.abs(one[i] - other[i])).max().orElseThrow();
  }
}
