package io.accrete.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Puts pixels in front of a foreign graph and shapes its output into tokens. Only operators that every opset from 7 on has alike. */
public final class EncoderWrapper {
  private static final int OLDEST_OPSET = 7;
  private static final String PREFIX = "wrapped/";

  private final ModelProto model;
  private final String input;
  private final String output;
  private final int size;
  private final Affine affine;
  private final boolean channelsFirst;
  private final boolean reverseChannels;

  /** Per channel {@code pixel · scale + shift}, red first. */
  public record Affine(float[] scale, float[] shift) {}

  /**
   * A graph to wrap.
   *
   * @param input name of its image input
   * @param output name of the output to use
   * @param size side of the square image
   * @param affine normalisation to put in front
   * @param channelsFirst whether the graph takes NCHW and not NHWC
   * @param reverseChannels whether the graph takes BGR
   */
  public EncoderWrapper(
      ModelProto model, String input, String output, int size, Affine affine, boolean channelsFirst, boolean reverseChannels) {
    if (Signature.of(model).opset() < OLDEST_OPSET) {
      throw new OnnxException("The graph uses opset " + Signature.of(model).opset() + "; expected " + OLDEST_OPSET
          + " or newer. Export it again.");
    }
    this.model = model;
    this.input = input;
    this.output = output;
    this.size = size;
    this.affine = affine;
    this.channelsFirst = channelsFirst;
    this.reverseChannels = reverseChannels;
  }

  /** {@code pixel_values} uint8 [batch, size, size, 3] → {@code tokens} in the shape that the graph gives. */
  public ModelProto unshaped() {
    List<NodeProto> suffix = List.of(Nodes.node("Identity", "tokens", List.of(PREFIX + output)));
    return build(suffix, new TensorInfo("tokens", DataType.FLOAT32.code(), null), Map.of());
  }

  /** {@code pixel_values} uint8 [batch, size, size, 3] → {@code tokens} float32 [batch, tokens, dimension]. */
  public ModelProto wrap(int tokens, int dimension, Map<String, String> metadata) {
    List<NodeProto> suffix = List.of(
        Nodes.constant("tokens_shape", Nodes.longs("tokens_shape", -1, tokens, dimension)),
        Nodes.node("Reshape", "tokens", List.of(PREFIX + output, "tokens_shape")));
    return build(suffix, TensorInfo.batched("tokens", DataType.FLOAT32, tokens, dimension), metadata);
  }

  private ModelProto build(List<NodeProto> suffix, TensorInfo tokens, Map<String, String> metadata) {
    // Inner shapes of the foreign graph may claim its old batch of one.
    GraphProto foreign = GraphSurgery.rename(model.getGraph(), name -> PREFIX + name);
    GraphProto.Builder graph = foreign.toBuilder().clearNode().clearValueInfo().clearInput().clearOutput();
    graph.addInput(TensorInfo.batched("pixel_values", DataType.UINT8, size, size, 3).toProto());
    // Files of IR version 3 must list their weights as inputs; from 4 on this only keeps ONNX Runtime from folding them.
    if (model.getIrVersion() < 4) {
      foreign.getInputList().stream().filter(value -> !value.getName().equals(PREFIX + input)).forEach(graph::addInput);
    }
    graph.addOutput(tokens.toProto());
    graph.addAllNode(prefix()).addAllNode(foreign.getNodeList()).addAllNode(suffix);
    return model.toBuilder().setGraph(graph).addAllMetadataProps(Nodes.metadata("accrete.", metadata)).build();
  }

  private List<NodeProto> prefix() {
    List<NodeProto> nodes = new ArrayList<>();
    nodes.add(Nodes.node("Cast", "pixels", List.of("pixel_values"), Nodes.attribute("to", (long) DataType.FLOAT32.code())));
    nodes.add(Nodes.constant("pixel_scale", Nodes.floats("pixel_scale", affine.scale, 3)));
    nodes.add(Nodes.constant("pixel_shift", Nodes.floats("pixel_shift", affine.shift, 3)));
    nodes.add(Nodes.node("Mul", "scaled", List.of("pixels", "pixel_scale")));
    nodes.add(Nodes.node("Add", "normalized", List.of("scaled", "pixel_shift")));
    String last = "normalized";
    if (reverseChannels) {
      nodes.add(Nodes.constant("bgr", Nodes.longs("bgr", 2, 1, 0)));
      nodes.add(Nodes.node("Gather", "reversed", List.of(last, "bgr"), Nodes.attribute("axis", 3L)));
      last = "reversed";
    }
    nodes.add(channelsFirst
        ? Nodes.node("Transpose", PREFIX + input, List.of(last), Nodes.attribute("perm", 0, 3, 1, 2))
        : Nodes.node("Identity", PREFIX + input, List.of(last)));
    return nodes;
  }
}
