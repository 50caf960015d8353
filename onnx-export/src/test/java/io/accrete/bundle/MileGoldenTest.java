package io.accrete.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.MileConfig.Mode;
import io.accrete.onnx.GraphRun;
import io.accrete.onnx.OnnxFile;
import io.accrete.onnx.Tensors;
import io.accrete.tensor.Tensor;
import io.accrete.tensor.Weights;
import io.accrete.testing.OnnxChecker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class MileGoldenTest {
  private static final double TOLERANCE = 1e-5;

  @TempDir private Path folder;

  @TestFactory
  Stream<DynamicTest> shouldAgreeWithTheReference() throws IOException {
    JsonNode cases;
    try (InputStream in = MileGoldenTest.class.getResourceAsStream("/vectors/mile_aggregator.json")) {
      cases = Json.MAPPER.readTree(in).path("cases");
    }
    assertThat(cases).hasSize(7);
    return IntStream.range(0, cases.size())
        .mapToObj(i -> DynamicTest.dynamicTest(i + " " + cases.get(i).path("mode").asText(),
        () -> check(cases.get(i), folder.resolve(i + ".onnx"))));
  }

  private static void check(JsonNode golden, Path file) {
    int d = golden.path("dim").asInt();
    int t = golden.path("tokens_per_image").asInt();
    Mode mode = Mode.valueOf(golden.path("mode").asText().toUpperCase(Locale.ROOT));
    int registers = mode == Mode.REGISTERS ? t - 1 : 0;
    MileConfig config = new MileConfig(mode, false, d, golden.path("heads").asInt(), registers, t - 1 - registers,
        golden.path("explicit_residual").asBoolean(), false);
    AggregatorGraph graph = AggregatorGraph.of(new MileAggregator(config), weights(golden), t, false, Map.of());
    OnnxFile.write(graph.model(), file);
    OnnxChecker.check(file);
    int s = graph.stateTokens();
    float[] state = new float[s * d];
    Arrays.fill(state, Float.NaN);
    try (GraphRun run = GraphRun.of(file)) {
      for (int i = 0; i < golden.path("images").size(); i++) {
        Map<String, TensorProto> out = run.run(List.of(Tensors.floats("state", state, 1, s, d),
            Tensors.floats("tokens", floats(golden.path("images").get(i)), 1, t, d), Tensors.longs("count", i)));
        Tensor expected = new Tensor(floats(golden.path("latent_after").get(i)), 1, s, d);
        Tensor found = Tensors.toTensor(out.get("next_state"));
        assertThat(Tensors.largestError(expected, found)).isLessThanOrEqualTo(TOLERANCE);
        assertThat(Tensors.largestError(unit(expected, d), Tensors.toTensor(out.get("embedding")))).isLessThanOrEqualTo(TOLERANCE);
        state = found.values();
      }
    }
  }

  private static Weights weights(JsonNode golden) {
    Map<String, Tensor> tensors = new HashMap<>();
    golden.path("params").properties().forEach(entry -> {
      int[] shape = new int[entry.getValue().path("shape").size()];
      Arrays.setAll(shape, i -> entry.getValue().path("shape").get(i).asInt());
      tensors.put(entry.getKey(), new Tensor(floats(entry.getValue().path("data")), shape));
    });
    tensors.put("gate_alpha", new Tensor(new float[] {(float) golden.path("gate_alpha").asDouble()}));
    return new Weights(tensors);
  }

  private static Tensor unit(Tensor state, int d) {
    double length = Math.sqrt(IntStream.range(0, d).mapToDouble(i -> (double) state.values()[i] * state.values()[i]).sum());
    float[] unit = new float[d];
    for (int i = 0; i < d; i++) {
      unit[i] = (float) (state.values()[i] / length);
    }
    return new Tensor(unit, 1, d);
  }

  private static float[] floats(JsonNode nested) {
    List<JsonNode> leaves = nested.isArray() ? leaves(nested).toList() : List.of(nested);
    float[] values = new float[leaves.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) leaves.get(i).asDouble();
    }
    return values;
  }

  private static Stream<JsonNode> leaves(JsonNode node) {
    return node.isArray() ? StreamSupport.stream(node.spliterator(), false).flatMap(MileGoldenTest::leaves) : Stream.of(node);
  }
}
