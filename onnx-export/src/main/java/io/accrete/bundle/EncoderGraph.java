package io.accrete.bundle;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.onnx.DataType;
import io.accrete.onnx.TensorInfo;
import io.accrete.onnx.Tracer;
import io.accrete.onnx.Value;
import io.accrete.tensor.Algebra;
import io.accrete.tensor.Parameters;
import io.accrete.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * An encoder ready for a bundle: uint8 {@code pixel_values} [batch, size, size, 3] → float32 {@code tokens} [batch, T, D].
 *
 * @param model the graph
 * @param preprocessing what a photo must become before it; the crop size is the image size
 * @param tokens T
 * @param registers R
 * @param dimension D
 * @param lineage facts for the manifest
 */
public record EncoderGraph(
    ModelProto model, Preprocessing preprocessing, int tokens, int registers, int dimension, Map<String, String> lineage) {
  /** Name of the normalised float32 pixels [batch, 3, size, size] inside the graph. */
  public static final String NORMALIZED = "normalized_pixel_values";

  /** Writes a vision transformer down, for the image size that the preprocessing gives. */
  public static EncoderGraph of(Vit vit, Parameters parameters, Preprocessing preprocessing, boolean halfPrecision,
      Map<String, String> lineage) {
    VitConfig config = vit.config();
    int size = preprocessing.cropSize();
    int tokens = config.tokens(size);
    Tracer tracer = new Tracer("encoder", parameters, halfPrecision);
    Value pixels = tracer.input(TensorInfo.batched("pixel_values", DataType.UINT8, size, size, 3));
    Value normalized = tracer.named(NORMALIZED, normalize(tracer, pixels, preprocessing));
    tracer.output(TensorInfo.batched("tokens", DataType.FLOAT32, tokens, config.dimension()), vit.tokens(tracer, normalized, size));
    return new EncoderGraph(tracer.model(Architecture.metadata(config, lineage)), preprocessing, tokens, config.registers(),
        config.dimension(), lineage);
  }

  /** Pixels [batch, height, width, 3], 0 to 255 → normalised [batch, 3, height, width]. */
  public static <T> T normalize(Algebra<T> a, T pixels, Preprocessing preprocessing) {
    T planes = a.transpose(a.toFloat(pixels), 0, 3, 1, 2);
    T scaled = a.mul(planes, a.constant((float) preprocessing.rescaleFactor()));
    return a.div(a.sub(scaled, perChannel(a, preprocessing.mean())), perChannel(a, preprocessing.std()));
  }

  private static <T> T perChannel(Algebra<T> a, List<Double> values) {
    float[] channels = {values.get(0).floatValue(), values.get(1).floatValue(), values.get(2).floatValue()};
    return a.constant(new Tensor(channels, 1, 3, 1, 1));
  }
}
