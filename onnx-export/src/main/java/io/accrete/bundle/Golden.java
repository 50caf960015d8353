package io.accrete.bundle;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.accrete.bundle.Manifest.Shapes;
import io.accrete.onnx.GraphRun;
import io.accrete.onnx.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The golden inputs and outputs of a bundle, in the folder form of ONNX's own tests ({@code input_0.pb}, {@code output_0.pb}, ...): two
 * images through the encoder; then, through the aggregator, the first image of an object and the fourth of another.
 */
final class Golden {
  private static final long SEED = 20250301;
  private static final String ENCODER = "encoder";
  private static final String AGGREGATOR = "aggregator";

  private Golden() {}

  /** Computes the golden files of a bundle that has no manifest yet. */
  static void write(Path folder, Shapes shapes) throws IOException {
    Random random = new Random(SEED);
    List<TensorProto> images = List.of(Tensors.bytes("pixel_values", images(random, shapes.imageSize()), 2, shapes.imageSize(),
        shapes.imageSize(), 3));
    List<TensorProto> encoded = run(folder.resolve(Bundle.ENCODER), images, List.of("tokens"));
    save(folder, ENCODER, images, encoded);
    List<TensorProto> step = List.of(
        Tensors.floats("state", states(random, shapes), 2, shapes.stateTokens(), shapes.dimension()), encoded.get(0),
            Tensors.longs("count", 0, 3));
    save(folder, AGGREGATOR, step, run(folder.resolve(Bundle.AGGREGATOR), step, List.of("next_state", "embedding")));
  }

  /** Largest error of the graphs against the golden files. */
  static double verify(Path folder) {
    return Math.max(
        verify(folder, ENCODER, Bundle.ENCODER, 1, List.of("tokens")),
        verify(folder, AGGREGATOR, Bundle.AGGREGATOR, 3, List.of("next_state", "embedding")));
  }

  private static double verify(Path folder, String part, String graph, int inputCount, List<String> outputs) {
    List<TensorProto> found = run(folder.resolve(graph), load(folder, part, "input", inputCount), outputs);
    List<TensorProto> expected = load(folder, part, "output", outputs.size());
    double largest = 0;
    for (int i = 0; i < expected.size(); i++) {
      largest = Math.max(largest, Tensors.largestError(Tensors.toTensor(expected.get(i)), Tensors.toTensor(found.get(i))));
    }
    return largest;
  }

  private static List<TensorProto> run(Path graph, List<TensorProto> inputs, List<String> outputs) {
    try (GraphRun run = GraphRun.of(graph)) {
      Map<String, TensorProto> results = run.run(inputs);
      return outputs.stream().map(results::get).toList();
    }
  }

  private static void save(Path folder, String part, List<TensorProto> inputs, List<TensorProto> outputs) throws IOException {
    Files.createDirectories(folder.resolve(Bundle.GOLDEN).resolve(part));
    for (int i = 0; i < inputs.size(); i++) {
      Tensors.write(inputs.get(i), file(folder, part, "input", i));
    }
    for (int i = 0; i < outputs.size(); i++) {
      Tensors.write(outputs.get(i), file(folder, part, "output", i));
    }
  }

  private static List<TensorProto> load(Path folder, String part, String kind, int count) {
    return IntStream.range(0, count).mapToObj(i -> Tensors.read(file(folder, part, kind, i))).toList();
  }

  private static Path file(Path folder, String part, String kind, int index) {
    return folder.resolve(Bundle.GOLDEN).resolve(part).resolve(kind + "_" + index + ".pb");
  }

  /** A smooth picture and a noisy one. */
  private static byte[] images(Random random, int size) {
    byte[] pixels = new byte[2 * size * size * 3];
    for (int i = 0; i < size * size * 3; i++) {
      int row = i / 3 / size;
      int column = i / 3 % size;
      pixels[i] = (byte) (switch (i % 3) {
        case 0 -> row * 255 / size;
        case 1 -> column * 255 / size;
        default -> 255 - (row + column) * 127 / size;
      });
      pixels[size * size * 3 + i] = (byte) random.nextInt(256);
    }
    return pixels;
  }

  private static float[] states(Random random, Shapes shapes) {
    int length = shapes.stateTokens() * shapes.dimension();
    float[] states = new float[2 * length];
    for (int i = length; i < states.length; i++) {
      states[i] = (float) (random.nextGaussian() / Math.sqrt(shapes.dimension()));
    }
    return states;
  }
}
