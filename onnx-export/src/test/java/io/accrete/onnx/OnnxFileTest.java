package io.accrete.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import io.accrete.tensor.Parameters;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFileTest {
  @TempDir private Path folder;

  @Test
  void shouldReadTheSameSignatureWithAndWithoutWeights() {
    Path file = write(model());
    assertThat(Signature.read(file)).isEqualTo(Signature.of(OnnxFile.read(file)));
  }

  @Test
  void shouldRefuseWeightsInOtherFiles() {
    ModelProto.Builder model = model().toBuilder();
    model.getGraphBuilder().getInitializerBuilder(0).clearRawData().setDataLocation(DataLocation.EXTERNAL)
        .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue("../secret"));
    Path file = write(model.build());
    assertThatThrownBy(() -> OnnxFile.read(file)).isInstanceOf(OnnxException.class).hasMessageContaining("keeps weights in another file");
    assertThatThrownBy(() -> Signature.read(file)).isInstanceOf(OnnxException.class).hasMessageContaining("keeps weights in another file");
  }

  private Path write(ModelProto model) {
    Path file = folder.resolve("model.onnx");
    OnnxFile.write(model, file);
    return file;
  }

  private static ModelProto model() {
    Tracer tracer = new Tracer("doubled", Parameters.random(1), false);
    Value x = tracer.input(TensorInfo.batched("x", DataType.FLOAT32, 4));
    tracer.output(TensorInfo.batched("y", DataType.FLOAT32, 4), tracer.mul(x, tracer.constant(2)));
    return tracer.model(Map.of());
  }
}
