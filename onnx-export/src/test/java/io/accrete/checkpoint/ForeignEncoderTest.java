package io.accrete.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.checkpoint.ForeignEncoder.Channels;
import io.accrete.checkpoint.ForeignEncoder.Layout;
import io.accrete.checkpoint.ForeignEncoder.Options;
import io.accrete.onnx.DataType;
import io.accrete.onnx.GraphRun;
import io.accrete.onnx.OnnxFile;
import io.accrete.onnx.TensorInfo;
import io.accrete.onnx.Tensors;
import io.accrete.onnx.Tracer;
import io.accrete.onnx.Value;
import io.accrete.tensor.Parameters;
import io.accrete.testing.OnnxChecker;
import io.accrete.testing.Shared;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForeignEncoderTest {
  private static final Preprocessing TINY = Preprocessing.imageNet(8, 4);

  @TempDir private Path folder;

  @Test
  void shouldWrapMobileNet() {
    Path file = Shared.path("models/mobilenetv2-imagenet.onnx");
    Preprocessing unit = new Preprocessing(Preprocessing.Resize.SHORTEST_EDGE, 256, 224, Preprocessing.Resample.BICUBIC, 1 / 255.0,
        List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));
    assertThat(ForeignEncoder.imageSize(file, Options.defaults())).isEqualTo(224);
    EncoderGraph encoder = ForeignEncoder.wrap(file, unit, Options.defaults());
    assertThat(encoder.tokens()).isEqualTo(1);
    assertThat(encoder.dimension()).isEqualTo(1280);
    byte[] pixels = new byte[224 * 224 * 3];
    new Random(7).nextBytes(pixels);
    float[] planes = new float[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      planes[i % 3 * 224 * 224 + i / 3] = (pixels[i] & 0xFF) / 255f;
    }
    ModelProto original = OnnxFile.read(file);
    TensorProto image = Tensors.floats(original.getGraph().getInput(0).getName(), planes, 1, 3, 224, 224);
    TensorProto expected = run(original, image).values().iterator().next();
    TensorProto found = run(encoder.model(), Tensors.bytes("pixel_values", pixels, 1, 224, 224, 3)).get("tokens");
    assertThat(Tensors.largestError(Tensors.toTensor(expected).reshape(1, 1, 1280), Tensors.toTensor(found))).isLessThan(1e-5);
    check(encoder);
  }

  @Test
  void shouldNormaliseAndReorderAsAsked() {
    // A graph that gives its own input back shows what is put in front of it.
    Path file = identity(List.of(-1, 4, 4, 3), 48);
    byte[] pixels = new byte[48];
    new Random(3).nextBytes(pixels);
    EncoderGraph encoder = ForeignEncoder.wrap(file, TINY, new Options(null, null, null, Channels.BGR, 0));
    float[] found = Tensors.toTensor(run(encoder.model(), Tensors.bytes("pixel_values", pixels, 1, 4, 4, 3)).get("tokens")).values();
    for (int i = 0; i < pixels.length; i++) {
      int channel = 2 - i % 3;
      double value = (pixels[i - i % 3 + channel] & 0xFF) / 255.0;
      assertThat(found[i]).isCloseTo(
          (float) ((value - TINY.mean().get(channel)) / TINY.std().get(channel)), within(1e-5f));
    }
    check(encoder);
  }

  @Test
  void shouldTakeTokenSequencesAndAFixedBatchOfOne() {
    // [1, 3, 4, 4] → [batch, 16, 3]: nothing in the graph itself holds to one image.
    Path file = save(tracer -> tracer.transpose(tracer.reshape(image(tracer, 1, 3, 4, 4), -1, 3, 16), 0, 2, 1), 16, 3);
    EncoderGraph encoder = ForeignEncoder.wrap(file, TINY, new Options(null, null, null, Channels.RGB, 4));
    assertThat(List.of(encoder.tokens(), encoder.registers(), encoder.dimension())).containsExactly(16, 4, 3);
    check(encoder);
  }

  @Test
  void shouldRefuseAGraphThatHoldsToOneImage() {
    Path file = save(tracer -> tracer.reshape(image(tracer, 1, 3, 4, 4), 1, 48), 48);
    assertThatThrownBy(() -> ForeignEncoder.wrap(file, TINY, Options.defaults()))
        .isInstanceOf(CheckpointException.class).hasMessageContaining("one image at a time only; export it with a dynamic batch axis");
  }

  @Test
  void shouldRefuseAGraphThatMixesTheImagesOfABatch() {
    Path file = save(tracer -> {
      Value image = image(tracer, -1, 3, 4, 4);
      return tracer.reshape(tracer.sub(image, tracer.mean(image, 0)), -1, 48);
    }, 48);
    assertThatThrownBy(() -> ForeignEncoder.wrap(file, TINY, Options.defaults()))
        .hasMessageContaining("other features in a batch than alone");
  }

  @Test
  void shouldSayWhatTheGraphContains() {
    Path file = identity(List.of(-1, 3, 4, 4), 48);
    assertThatThrownBy(() -> ForeignEncoder.wrap(file, TINY, new Options(null, "pooled", null, Channels.RGB, 0)))
        .hasMessageContaining("no output 'pooled'").hasMessageContaining("features: float [batch, 48]");
    assertThatThrownBy(() -> ForeignEncoder.wrap(file, Preprocessing.imageNet(8, 8), Options.defaults()))
        .hasMessageContaining("takes images of 4 pixels; the preprocessing gives 8");
    assertThatThrownBy(() -> ForeignEncoder.wrap(file, TINY, new Options(null, null, Layout.NHWC, Channels.RGB, 0)))
        .hasMessageContaining("expected a square NHWC image").hasMessageContaining("--layout");
    assertThatThrownBy(() -> ForeignEncoder.wrap(folder.resolve("none.onnx"), TINY, Options.defaults())).hasMessageContaining(
        "does not exist");
  }

  private interface Body {
    Value write(Tracer tracer);
  }

  private Path identity(List<Integer> shape, int length) {
    return save(tracer -> tracer.reshape(image(tracer, shape.stream().mapToInt(Integer::intValue).toArray()), -1, length), length);
  }

  private Path save(Body body, int... output) {
    Tracer tracer = new Tracer("foreign", Parameters.random(0), false);
    tracer.output(TensorInfo.batched("features", DataType.FLOAT32, output), body.write(tracer));
    Path file = folder.resolve("foreign.onnx");
    OnnxFile.write(tracer.model(Map.of()), file);
    return file;
  }

  private static Value image(Tracer tracer, int... shape) {
    List<TensorInfo.Axis> axes = Arrays.stream(shape)
        .mapToObj(length -> length < 0 ? TensorInfo.Axis.symbolic("batch") : TensorInfo.Axis.of(length)).toList();
    return tracer.input(new TensorInfo("pixel_values", DataType.FLOAT32.code(), axes));
  }

  private static Map<String, TensorProto> run(ModelProto model, TensorProto input) {
    try (GraphRun run = GraphRun.of(model)) {
      return run.run(List.of(input));
    }
  }

  private void check(EncoderGraph encoder) {
    Path file = folder.resolve("wrapped.onnx");
    OnnxFile.write(encoder.model(), file);
    OnnxChecker.check(file);
  }
}
