package io.accrete.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.onnx.Float16;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  private static final String HEADER = """
      {"__metadata__": {"format": "pt"},
       "full": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]},
       "half": {"dtype": "F16", "shape": [2], "data_offsets": [8, 12]},
       "brain": {"dtype": "BF16", "shape": [2], "data_offsets": [12, 16]}}""";

  @TempDir private Path folder;

  @Test
  void shouldReadAllFloatTypes() throws IOException {
    Safetensors file = Safetensors.open(write(HEADER, data()));
    assertThat(file.shapes()).containsOnlyKeys("full", "half", "brain");
    assertThat(file.read("full").values()).containsExactly(1.5f, -2f);
    assertThat(file.read("full").shape()).containsExactly(2, 1);
    assertThat(file.read("half").values()).containsExactly(0.5f, -65504f);
    assertThat(file.read("brain").values()).containsExactly(1f, -3f);
    assertThatThrownBy(() -> file.read("other")).hasMessageContaining("[brain, full, half]");
  }

  @Test
  void shouldRefuseATruncatedFileWhereverItEnds() throws IOException {
    byte[] whole = Files.readAllBytes(write(HEADER, data()));
    for (int length = 0; length < whole.length; length++) {
      Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Safetensors.open(cut)).isInstanceOf(CheckpointException.class).hasMessageContaining(
          "not a whole safetensors file");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "[]", "{\"a\": {\"dtype\": \"F32\", \"shape\": [5], \"data_offsets\": [0, 8]}}",
      "{\"a\": {\"dtype\": \"F32\", \"shape\": [-2], \"data_offsets\": [0, 8]}}",
      "{\"a\": {\"dtype\": \"F32\", \"shape\": [65536, 65536, 65536], \"data_offsets\": [0, 0]}}",
      "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [-8, 0]}}",
      "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [4096, 4104]}}",
      "{\"a\": {\"dtype\": \"F32\"}}", "{nonsense"})
  void shouldRefuseImpossibleHeaders(String header) throws IOException {
    Path file = write(header, data());
    assertThatThrownBy(() -> Safetensors.open(file)).isInstanceOf(CheckpointException.class).hasMessageContaining(
        "not a whole safetensors file");
  }

  @Test
  void shouldNameAnUnsupportedType() throws IOException {
    Path file = write("{\"a\": {\"dtype\": \"F8_E5M2\", \"shape\": [8], \"data_offsets\": [0, 8]}}", data());
    assertThatThrownBy(() -> Safetensors.open(file)).hasMessageContaining("'F8_E5M2'").hasMessageContaining("F32, F16 and BF16");
  }

  @Test
  void shouldRoundTripEveryHalf() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Float16.toFloat((short) bits);
      assertThat(Float.isNaN(value) ? 0x7E00 : Float16.fromFloat(value) & 0xFFFF).isEqualTo(Float.isNaN(value) ? 0x7E00 : bits);
    }
    assertThat(Float16.fromFloat(1 + 0x1p-11f)).isEqualTo(Float16.fromFloat(1));
    assertThat(Float16.fromFloat(65520)).isEqualTo(Float16.fromFloat(Float.POSITIVE_INFINITY));
  }

  private static ByteBuffer data() {
    ByteBuffer data = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    data.putFloat(1.5f).putFloat(-2).putShort((short) 0x3800).putShort((short) 0xFBFF).putShort((short) 0x3F80).putShort((short) 0xC040);
    return data;
  }

  private Path write(String header, ByteBuffer data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + json.length + data.capacity()).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json).put(data.array());
    return Files.write(folder.resolve("model.safetensors"), file.array());
  }
}
