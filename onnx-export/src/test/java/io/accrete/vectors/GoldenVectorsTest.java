package io.accrete.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldenVectorsTest {
  private static final Path VECTORS = Path.of("src/test/resources/vectors");

  @Test
  void shouldAgreeWithPillow() throws IOException {
    VectorResult result = GoldenVectors.run(VECTORS, "preprocess/cases.json");

    assertThat(result.failures()).isEmpty();
    assertThat(result.maxError()).as("only WebP's chroma interpolation differs").isLessThan(1.6 / 255);
  }

  @Test
  void shouldAgreeWithReferenceRecall() throws IOException {
    VectorResult result = GoldenVectors.run(VECTORS, "retrieval_ar10.json");

    assertThat(result.failures()).isEmpty();
    assertThat(result.maxError()).isLessThan(1e-15);
  }

  @Test
  void shouldAgreeWithReferenceAggregator() throws IOException {
    VectorResult result = GoldenVectors.run(VECTORS, "mile_aggregator.json");

    assertThat(result.failures()).isEmpty();
    assertThat(result.maxError()).isPositive().isLessThan(1e-5);
  }

  @Test
  void shouldFailVectorsOutsideTolerance(@TempDir Path directory) throws IOException {
    String file = Files.readString(VECTORS.resolve("retrieval_ar10.json")).replaceFirst("\"ar10\": [0-9.]+", "\"ar10\": 0.5");
    Files.writeString(directory.resolve("retrieval_ar10.json"), file);

    List<VectorResult> results = GoldenVectors.run(directory);

    assertThat(results).singleElement().satisfies(result -> {
      assertThat(result.passed()).isFalse();
      assertThat(result.failures()).singleElement().asString().contains("AR@10");
    });
  }

  @Test
  void shouldFailWithoutCases(@TempDir Path directory) throws IOException {
    Files.writeString(directory.resolve("mile_aggregator.json"), "{\"cases\": []}");

    assertThat(GoldenVectors.run(directory)).singleElement().satisfies(
        result -> assertThat(result.failures()).containsExactly("expected cases to compare, found none"));
  }

  @Test
  void shouldSayWhatItDoesNotRun(@TempDir Path directory) throws IOException {
    Files.writeString(directory.resolve("other.json"), "{}");

    assertThat(GoldenVectors.run(directory)).singleElement().satisfies(result -> {
      assertThat(result.passed()).isTrue();
      assertThat(result.notRun()).isNotBlank();
    });
  }

  @Test
  void shouldNameAFileThatIsNotWhatItsNameSays(@TempDir Path directory) throws IOException {
    Files.writeString(directory.resolve("retrieval_ar10.json"), "{}");

    assertThatThrownBy(() -> GoldenVectors.run(directory)).isInstanceOf(IOException.class).hasMessageContaining("retrieval_ar10.json");
  }
}
