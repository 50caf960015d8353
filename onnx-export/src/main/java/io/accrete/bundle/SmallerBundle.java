package io.accrete.bundle;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.accrete.bundle.Manifest.Shapes;
import io.accrete.onnx.OnnxFile;
import io.accrete.onnx.SmallerWeights;
import io.accrete.onnx.Tensors;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A bundle made of another one: its encoder with weights of fewer bytes, its aggregator as it is. */
public final class SmallerBundle {
  /** What becomes of the encoder's weights. */
  public enum Kind {
    /** Stored as float16, computed with as float32; can be trained further. */
    HALF,
    /** Matrices of seven bits, multiplied in integers; cannot be trained further. */
    INT8
  }

  private SmallerBundle() {}

  /**
   * A draft without description, named {@code <name>-half} or {@code <name>-int8}; its lineage has the bundle as parent.
   *
   * @param samples pixels of photos as the encoder will see them, for {@link Kind#INT8}
   * @throws io.accrete.onnx.OnnxException if the encoder cannot be made smaller in this way
   */
  public static BundleDraft of(Bundle bundle, Kind kind, List<byte[]> samples) {
    ModelProto encoder = OnnxFile.read(bundle.encoder());
    int size = bundle.manifest().shapes().imageSize();
    ModelProto smaller = switch (kind) {
      case HALF -> SmallerWeights.half(encoder);
      case INT8 -> Architecture.without(SmallerWeights.int8(encoder,
          samples.stream().map(pixels -> Tensors.bytes("pixel_values", pixels, 1, size, size, 3)).toList()));
    };
    String suffix = kind.name().toLowerCase(Locale.ROOT);
    Shapes shapes = bundle.manifest().shapes();
    Map<String, String> lineage = new TreeMap<>(bundle.manifest().lineage());
    lineage.put("parent", bundle.version());
    lineage.put("weights", suffix);
    return new BundleDraft(bundle.manifest().name() + "-" + suffix, null, "",
        new EncoderGraph(smaller, bundle.preprocessing(), shapes.tokens(), shapes.registers(), shapes.dimension(), Map.of()),
        new AggregatorGraph(OnnxFile.read(bundle.aggregator()), shapes.stateTokens(), shapes.embedding(), Map.of()), lineage, Map.of());
  }
}
