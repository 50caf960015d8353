package io.accrete.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Inputs and outputs of an ONNX graph; initializers that old files list among the inputs are not counted.
 *
 * @param opset version of the default operator set
 */
public record Signature(List<TensorInfo> inputs, List<TensorInfo> outputs, int opset) {
  public Signature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** The signature of a model in memory. */
  public static Signature of(ModelProto model) {
    Set<String> initializers = new HashSet<>();
    model.getGraph().getInitializerList().forEach(tensor -> initializers.add(tensor.getName()));
    model.getGraph().getSparseInitializerList().forEach(tensor -> initializers.add(tensor.getValues().getName()));
    List<TensorInfo> inputs = model.getGraph().getInputList().stream()
        .filter(input -> !initializers.contains(input.getName())).map(TensorInfo::of).toList();
    return new Signature(inputs, model.getGraph().getOutputList().stream().map(TensorInfo::of).toList(), opset(model));
  }

  /**
   * Reads the signature alone, stepping over weights and nodes, so that a large file costs no memory. For the files written here;
   * weights that are also listed as inputs are counted as inputs.
   *
   * @throws OnnxException if the file is no ONNX model, or keeps weights in other files
   */
  public static Signature read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      CodedInputStream coded = CodedInputStream.newInstance(in, 1 << 16);
      ModelProto.Builder model = ModelProto.newBuilder();
      for (int tag = coded.readTag(); tag != 0; tag = coded.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case ModelProto.GRAPH_FIELD_NUMBER -> readGraph(file, coded, model.getGraphBuilder());
          case ModelProto.OPSET_IMPORT_FIELD_NUMBER -> coded.readMessage(model.addOpsetImportBuilder(),
              ExtensionRegistryLite.getEmptyRegistry());
          default -> coded.skipField(tag);
        }
      }
      return of(model.build());
    } catch (IOException e) {
      throw new OnnxException(file + " is not a readable ONNX model: " + e.getMessage(), e);
    }
  }

  private static void readGraph(Path file, CodedInputStream coded, GraphProto.Builder graph) throws IOException {
    int limit = coded.pushLimit(coded.readRawVarint32());
    for (int tag = coded.readTag(); tag != 0; tag = coded.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case GraphProto.INPUT_FIELD_NUMBER -> graph.addInput(
            coded.readMessage(ValueInfoProto.parser(), ExtensionRegistryLite.getEmptyRegistry()));
        case GraphProto.OUTPUT_FIELD_NUMBER -> graph.addOutput(
            coded.readMessage(ValueInfoProto.parser(), ExtensionRegistryLite.getEmptyRegistry()));
        case GraphProto.INITIALIZER_FIELD_NUMBER -> refuseExternalData(file, coded);
        default -> coded.skipField(tag);
      }
    }
    coded.popLimit(limit);
  }

  /** Steps over one weight; one that lies in another file would escape the hash of this one. */
  private static void refuseExternalData(Path file, CodedInputStream coded) throws IOException {
    int limit = coded.pushLimit(coded.readRawVarint32());
    for (int tag = coded.readTag(); tag != 0; tag = coded.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == TensorProto.EXTERNAL_DATA_FIELD_NUMBER) {
        throw OnnxFile.incomplete(file);
      }
      coded.skipField(tag);
    }
    coded.popLimit(limit);
  }

  private static int opset(ModelProto model) {
    return model.getOpsetImportList().stream()
        .filter(set -> set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx"))
        .mapToInt(set -> (int) set.getVersion()).max().orElse(0);
  }

  /**
   * Checks that the graph takes and gives exactly what is expected; an axis that may vary here agrees with any that may vary.
   *
   * @param what the graph's name in the message
   * @throws OnnxException if not; the message lists what the graph does contain
   */
  public void require(String what, List<TensorInfo> expectedInputs, List<TensorInfo> expectedOutputs) {
    if (!agrees(inputs, expectedInputs) || !agrees(outputs, expectedOutputs)) {
      throw new OnnxException(what + " does not have the signature of a bundle: expected " + describe(expectedInputs, expectedOutputs)
          + "; found " + describe(inputs, outputs) + ".");
    }
  }

  private static boolean agrees(List<TensorInfo> found, List<TensorInfo> expected) {
    return found.size() == expected.size() && expected.stream().allMatch(e -> found.stream().anyMatch(f -> agrees(f, e)));
  }

  private static boolean agrees(TensorInfo found, TensorInfo expected) {
    return found.name().equals(expected.name()) && found.type() == expected.type()
        && Arrays.equals(found.lengths(), expected.lengths());
  }

  private static String describe(List<TensorInfo> inputs, List<TensorInfo> outputs) {
    List<String> parts = new ArrayList<>();
    inputs.forEach(input -> parts.add("input " + input));
    outputs.forEach(output -> parts.add("output " + output));
    return String.join("; ", parts);
  }

  @Override
  public String toString() {
    return describe(inputs, outputs);
  }
}
