package io.accrete.bundle;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.onnx.DataType;
import io.accrete.onnx.GraphRun;
import io.accrete.onnx.GraphSurgery;
import io.accrete.onnx.OnnxFile;
import io.accrete.onnx.TensorInfo;
import io.accrete.onnx.Tensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Recomputes what a bundle promises. */
public final class BundleVerifier {
  /** Largest error that a verified bundle may show; other processors differ in the last bits. */
  public static final double TOLERANCE = 1e-4;

  private BundleVerifier() {}

  /**
   * Checks hashes and signatures (as every read does) and runs the graphs on the bundle's own golden inputs.
   *
   * @return the largest error, relative where values are above 1
   * @throws BundleException if the bundle is not whole
   */
  public static double verify(Path folder) {
    Bundle bundle = Bundle.read(folder);
    long golden = bundle.manifest().files().keySet().stream().filter(name -> name.startsWith(Bundle.GOLDEN + "/")).count();
    if (golden < 7) {
      throw new BundleException(folder + " has no complete golden outputs: expected 7 files in " + Bundle.GOLDEN + "/, found " + golden
          + ". Write the bundle again.");
    }
    return Golden.verify(folder);
  }

  /**
   * Runs the encoder on golden values of the original model, past the graph's own normalisation.
   *
   * @param golden JSON with {@code pixel_values} (normalised, [batch, 3, size, size]), {@code last_hidden_state} and the shape of each
   * @return the largest error, relative where values are above 1
   * @throws BundleException if the file has another form, or was made for another image size or another model
   */
  public static double verify(Bundle bundle, Path golden) {
    JsonNode json = Json.read(golden);
    TensorProto pixels = tensor(json, "pixel_values", EncoderGraph.NORMALIZED, golden);
    TensorProto expected = tensor(json, "last_hidden_state", "tokens", golden);
    int size = bundle.manifest().shapes().imageSize();
    requireShape(golden, "pixel_values", pixels, 3, size, size);
    requireShape(golden, "last_hidden_state", expected, bundle.manifest().shapes().tokens(), bundle.manifest().shapes().dimension());
    TensorInfo input = TensorInfo.batched(EncoderGraph.NORMALIZED, DataType.FLOAT32, 3, size, size);
    try (GraphRun run = GraphRun.of(GraphSurgery.cutInputs(OnnxFile.read(bundle.encoder()), input))) {
      return Tensors.largestError(Tensors.toTensor(expected), Tensors.toTensor(run.run(List.of(pixels)).get("tokens")));
    }
  }

  private static TensorProto tensor(JsonNode json, String key, String name, Path golden) {
    JsonNode values = json.path(key);
    JsonNode shape = json.path(key + "_shape");
    if (!values.isArray() || !shape.isArray()) {
      throw new BundleException(golden + " must have '" + key + "' and '" + key + "_shape'; found " + names(json) + ".");
    }
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.get(i).asDouble(Double.NaN);
    }
    int[] lengths = new int[shape.size()];
    Arrays.setAll(lengths, i -> shape.get(i).asInt());
    return Tensors.floats(name, floats, lengths);
  }

  private static void requireShape(Path golden, String key, TensorProto tensor, int... lengths) {
    List<Long> expected = Arrays.stream(lengths).asLongStream().boxed().toList();
    List<Long> found = tensor.getDimsList();
    long product = found.stream().reduce(1L, (a, b) -> a * b);
    if (found.size() != lengths.length + 1 || found.get(0) < 1 || !found.subList(1, found.size()).equals(expected)
        || product * 4 != tensor.getRawData().size()) {
      throw new BundleException(golden + ": '" + key + "' has shape " + found + " and " + tensor.getRawData().size() / 4
          + " values; this bundle takes [batch, "
          + expected.toString().substring(1) + ". Import the model with the golden file's image size.");
    }
  }

  private static String names(JsonNode json) {
    StringBuilder names = new StringBuilder();
    json.fieldNames().forEachRemaining(name -> names.append(names.isEmpty() ? "" : ", ").append(name));
    return names.toString();
  }
}
