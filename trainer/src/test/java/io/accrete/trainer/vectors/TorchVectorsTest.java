package io.accrete.trainer.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.accrete.vectors.VectorResult;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TorchVectorsTest {
  private static final Path DINO = Path.of("src/test/resources/vectors/dino_head_and_loss.json");
  private static final Path AGGREGATOR = Path.of("../onnx-export/src/test/resources/vectors/mile_aggregator.json");

  @Test
  void shouldAgreeWithReferenceHeadLossGradientCentreAndSchedules() throws IOException {
    VectorResult result = DinoVectors.run("dino", read(DINO));

    assertThat(result.notRun()).isNull();
    assertThat(result.failures()).isEmpty();
    assertThat(result.maxError()).isPositive().isLessThan(1e-9);
  }

  @Test
  void shouldAgreeWithReferenceAggregator() throws IOException {
    VectorResult result = AggregatorVectors.run("mile", read(AGGREGATOR));

    assertThat(result.failures()).isEmpty();
    assertThat(result.maxError()).isPositive().isLessThan(1e-9);
  }

  @Test
  void shouldNameWhatDisagrees() throws IOException {
    JsonNode golden = read(DINO);
    ((ArrayNode) golden.at("/loss/steps/1/grad_student/2")).set(3, 0.5);
    ((ArrayNode) golden.at("/schedules/wd")).set(7, 0.5);

    assertThat(DinoVectors.run("dino", golden).failures()).satisfiesExactly(
        failure -> assertThat(failure).startsWith("loss step 1, gradient: expected at most"),
        failure -> assertThat(failure).startsWith("wd, step 7: expected at most"));
  }

  private static JsonNode read(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }
}
