package io.accrete.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Changes to finished graphs. */
public final class GraphSurgery {
  private GraphSurgery() {}

  /**
   * Makes an inner value the only input and drops what only led to it. For graphs without subgraphs, as those written here are.
   *
   * @throws OnnxException if the graph has no value of that name
   */
  public static ModelProto cutInputs(ModelProto model, TensorInfo input) {
    GraphProto graph = model.getGraph();
    if (graph.getNodeList().stream().noneMatch(node -> node.getOutputList().contains(input.name()))) {
      throw new OnnxException("The graph has no value '" + input.name()
          + "'; it was not written by this program, or wraps a foreign graph.");
    }
    List<NodeProto> kept = new ArrayList<>();
    Set<String> needed = new HashSet<>();
    graph.getOutputList().forEach(output -> needed.add(output.getName()));
    for (int i = graph.getNodeCount() - 1; i >= 0; i--) {
      NodeProto node = graph.getNode(i);
      if (!node.getOutputList().contains(input.name()) && !Collections.disjoint(needed, node.getOutputList())) {
        kept.add(node);
        needed.addAll(node.getInputList());
      }
    }
    Collections.reverse(kept);
    GraphProto.Builder cut = graph.toBuilder().clearNode().addAllNode(kept).clearInput().addInput(input.toProto()).clearInitializer();
    graph.getInitializerList().stream().filter(tensor -> needed.contains(tensor.getName())).forEach(cut::addInitializer);
    return model.toBuilder().setGraph(cut).build();
  }

  /** Renames every value and node, those in subgraphs included. */
  public static GraphProto rename(GraphProto graph, UnaryOperator<String> names) {
    // The empty name stands for an optional input that is left out.
    UnaryOperator<String> rename = name -> name.isEmpty() ? name : names.apply(name);
    GraphProto.Builder renamed = graph.toBuilder();
    renamed.getNodeBuilderList().forEach(node -> {
      node.setName(rename.apply(node.getName()));
      List<String> inputs = node.getInputList().stream().map(rename).toList();
      List<String> outputs = node.getOutputList().stream().map(rename).toList();
      node.clearInput().addAllInput(inputs).clearOutput().addAllOutput(outputs);
      for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
        if (attribute.hasG()) {
          attribute.setG(rename(attribute.getG(), names));
        }
        for (int i = 0; i < attribute.getGraphsCount(); i++) {
          attribute.setGraphs(i, rename(attribute.getGraphs(i), names));
        }
      }
    });
    renamed.getInitializerBuilderList().forEach(tensor -> tensor.setName(rename.apply(tensor.getName())));
    renamed.getSparseInitializerBuilderList().forEach(tensor -> tensor.getValuesBuilder().setName(
        rename.apply(tensor.getValues().getName())));
    for (List<ValueInfoProto.Builder> values : List.of(renamed.getInputBuilderList(), renamed.getOutputBuilderList(),
        renamed.getValueInfoBuilderList())) {
      values.forEach(value -> value.setName(rename.apply(value.getName())));
    }
    renamed.getQuantizationAnnotationBuilderList().forEach(annotation -> {
      annotation.setTensorName(rename.apply(annotation.getTensorName()));
      annotation.getQuantParameterTensorNamesBuilderList().forEach(entry -> entry.setValue(rename.apply(entry.getValue())));
    });
    return renamed.build();
  }
}
