package io.accrete.checkpoint;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.onnx.DataType;
import io.accrete.onnx.EncoderWrapper;
import io.accrete.onnx.GraphRun;
import io.accrete.onnx.OnnxException;
import io.accrete.onnx.OnnxFile;
import io.accrete.onnx.Signature;
import io.accrete.onnx.TensorInfo;
import io.accrete.onnx.Tensors;
import io.accrete.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/** Wraps any ONNX image encoder: normalisation goes in front of it, and its output becomes tokens [batch, T, D]. */
public final class ForeignEncoder {
  private static final double BATCH_TOLERANCE = 1e-3;

  private ForeignEncoder() {}

  /** How a foreign graph lays an image out. */
  public enum Layout {
    NCHW,
    NHWC
  }

  /** Order of a foreign graph's colour channels. */
  public enum Channels {
    RGB,
    BGR
  }

  /**
   * What a graph does not say about itself.
   *
   * @param input name of the image input, or null if it is the only one
   * @param output name of the output to use, or null if it is the only one
   * @param layout of the image; null: as the input's shape says, NCHW if it does not
   * @param channels order of the colours; mean and standard deviation of the preprocessing are in RGB order either way
   * @param registers tokens between CLS and the patches, if the output is [batch, T, D]
   */
  public record Options(String input, String output, Layout layout, Channels channels, int registers) {
    /** Names and layout as the graph says, RGB, no registers. */
    public static Options defaults() {
      return new Options(null, null, null, Channels.RGB, 0);
    }
  }

  /**
   * The image size that the graph itself fixes, or 0 if it takes any.
   *
   * @throws CheckpointException if the input cannot be an image
   */
  public static int imageSize(Path file, Options options) {
    TensorInfo input = input(Signature.of(OnnxFile.read(file)), options, file);
    return fixedSize(input, layout(input, options), file);
  }

  /**
   * Wraps a graph. It is run once on one image and once on three, to see that the images of a batch do not influence each other.
   *
   * @throws CheckpointException if the graph is not an image encoder of the kinds described, or holds to one image at a time
   */
  public static EncoderGraph wrap(Path file, Preprocessing preprocessing, Options options) {
    ModelProto model = OnnxFile.read(file);
    Signature signature = Signature.of(model);
    TensorInfo input = input(signature, options, file);
    TensorInfo output = choose("output", signature.outputs(), options.output(), file);
    requireFloat(input, file);
    requireFloat(output, file);
    Layout layout = layout(input, options);
    int fixed = fixedSize(input, layout, file);
    if (fixed != 0 && fixed != preprocessing.cropSize()) {
      throw new CheckpointException(file + " takes images of " + fixed + " pixels; the preprocessing gives " + preprocessing.cropSize()
          + ". Leave the size out, or give " + fixed + ".");
    }
    EncoderWrapper wrapper = new EncoderWrapper(model, input.name(), output.name(), preprocessing.cropSize(), affine(preprocessing),
        layout == Layout.NCHW, options.channels() == Channels.BGR);
    int[] shape = outputShape(wrapper, preprocessing.cropSize(), file);
    int tokens = shape.length == 3 ? shape[1] : 1;
    int dimension = shape[shape.length == 3 ? 2 : 1];
    if (options.registers() < 0 || options.registers() >= tokens) {
      throw new CheckpointException(file + " gives " + tokens + " tokens; " + options.registers() + " registers do not fit.");
    }
    Map<String, String> lineage = new LinkedHashMap<>();
    lineage.put("encoder", "wrapped ONNX graph " + file.getFileName());
    lineage.put("encoder.output", output.name());
    ModelProto wrapped = wrapper.wrap(tokens, dimension, lineage);
    requireIndependentRows(wrapped, preprocessing.cropSize(), file);
    return new EncoderGraph(wrapped, preprocessing, tokens, options.registers(), dimension, lineage);
  }

  private static TensorInfo input(Signature signature, Options options, Path file) {
    TensorInfo input = choose("input", signature.inputs(), options.input(), file);
    if (signature.inputs().size() != 1) {
      throw new CheckpointException(file + " needs more than an image: its inputs are " + names(signature.inputs())
          + ". Export it with the image as its only input.");
    }
    if (input.shape() != null && input.shape().size() != 4) {
      throw new CheckpointException(file + ": an image input has four axes; found " + input + ".");
    }
    return input;
  }

  private static TensorInfo choose(String kind, List<TensorInfo> values, String name, Path file) {
    if (name == null && values.size() == 1) {
      return values.get(0);
    }
    return values.stream().filter(value -> value.name().equals(name)).findFirst().orElseThrow(() -> new CheckpointException(
        file + " has " + (name == null ? "several " + kind + "s; choose one with --" + kind : "no " + kind + " '" + name + "'")
            + ". It has " + names(values) + "."));
  }

  private static void requireFloat(TensorInfo value, Path file) {
    if (value.type() != DataType.FLOAT32.code()) {
      throw new CheckpointException(file + ": expected a float value; found " + value
          + ". Export the encoder with float32 inputs and outputs.");
    }
  }

  private static Layout layout(TensorInfo input, Options options) {
    if (options.layout() != null || input.shape() == null) {
      return options.layout() == null ? Layout.NCHW : options.layout();
    }
    boolean last = input.shape().get(3).length() == 3 && input.shape().get(1).length() != 3;
    return last ? Layout.NHWC : Layout.NCHW;
  }

  private static int fixedSize(TensorInfo input, Layout layout, Path file) {
    if (input.shape() == null) {
      return 0;
    }
    long channels = input.shape().get(layout == Layout.NCHW ? 1 : 3).length();
    long height = input.shape().get(layout == Layout.NCHW ? 2 : 1).length();
    long width = input.shape().get(layout == Layout.NCHW ? 3 : 2).length();
    if (channels != 3 && channels != -1 || height != width || height == 0 || height > 4096) {
      throw new CheckpointException(file + ": expected a square " + layout + " image with 3 channels; found " + input
          + ". The layout can be given with --layout.");
    }
    return (int) Math.max(height, 0);
  }

  /** Per channel {@code pixel · scale + shift}, in RGB order. */
  private static EncoderWrapper.Affine affine(Preprocessing preprocessing) {
    float[] scale = new float[3];
    float[] shift = new float[3];
    for (int c = 0; c < 3; c++) {
      scale[c] = (float) (preprocessing.rescaleFactor() / preprocessing.std().get(c));
      shift[c] = (float) (-preprocessing.mean().get(c) / preprocessing.std().get(c));
    }
    return new EncoderWrapper.Affine(scale, shift);
  }

  /** [1, D] or [1, T, D], from a run on one image; trailing axes of length 1 are dropped. */
  private static int[] outputShape(EncoderWrapper wrapper, int size, Path file) {
    int[] shape = run(wrapper.unshaped(), images(1, size)).shape();
    int length = shape.length;
    while (length > 2 && shape[length - 1] == 1) {
      length--;
    }
    if (length < 2 || length > 3 || shape[0] != 1) {
      throw new CheckpointException(file + ": for one image the output must be [1, D] or [1, T, D]; found " + Arrays.toString(shape)
          + ". Choose another output with --output, or export the pooled features.");
    }
    return Arrays.copyOf(shape, length);
  }

  private static void requireIndependentRows(ModelProto wrapped, int size, Path file) {
    byte[] three = images(3, size);
    Tensor together;
    try {
      together = run(wrapped, three);
    } catch (OnnxException e) {
      throw new CheckpointException(file + " works on one image at a time only; export it with a dynamic batch axis. (" + e.getMessage()
          + ")", e);
    }
    int length = together.values().length / 3;
    for (int i = 0; i < 3; i++) {
      Tensor alone = run(wrapped, Arrays.copyOfRange(three, i * size * size * 3, (i + 1) * size * size * 3));
      Tensor row = new Tensor(Arrays.copyOfRange(together.values(), i * length, (i + 1) * length), alone.shape());
      if (!(Tensors.largestError(alone, row) <= BATCH_TOLERANCE)) {
        throw new CheckpointException(file + " gives an image other features in a batch than alone (largest difference "
            + Tensors.largestError(alone, row) + "); export it in inference mode and with a dynamic batch axis.");
      }
    }
  }

  private static Tensor run(ModelProto model, byte[] images) {
    Signature signature = Signature.of(model);
    int size = (int) signature.inputs().get(0).lengths()[1];
    TensorProto pixels = Tensors.bytes("pixel_values", images, images.length / (size * size * 3), size, size, 3);
    try (GraphRun run = GraphRun.of(model)) {
      return Tensors.toTensor(run.run(List.of(pixels)).get("tokens"));
    }
  }

  private static byte[] images(int count, int size) {
    byte[] pixels = new byte[count * size * size * 3];
    new Random(1).nextBytes(pixels);
    return pixels;
  }

  private static String names(List<TensorInfo> values) {
    return values.stream().map(TensorInfo::toString).collect(Collectors.joining("; "));
  }
}
