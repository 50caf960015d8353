package io.accrete.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  private static final Tensor MATRIX = new Tensor(new float[] {1, -2.5f, Float.MIN_VALUE, Float.NaN, -0f, Float.MAX_VALUE}, 2, 3);
  private static final Tensor SCALAR = new Tensor(new float[] {7});

  @TempDir private Path folder;

  @Test
  void shouldWriteTheBytesOfTheFormat() throws IOException {
    Path file = folder.resolve("a.safetensors");
    SafetensorsWriter.write(file, Map.of("b", SCALAR, "a", MATRIX), Map.of("step", "3", "made by", "\u00e4 test"));
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int length = Math.toIntExact(bytes.getLong());
    assertThat((8 + length) % 8).isZero();
    String header = new String(bytes.array(), 8, length, StandardCharsets.UTF_8);
    assertThat(header.stripTrailing()).isEqualTo("{\"__metadata__\":{\"made by\":\"\u00e4 test\",\"step\":\"3\"},"
        + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
        + "\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[24,28]}}");
    assertThat(header.length() - header.stripTrailing().length()).isLessThan(8);
    bytes.position(8 + length);
    for (float value : MATRIX.values()) {
      assertThat(bytes.getInt()).isEqualTo(Float.floatToIntBits(value));
    }
    assertThat(bytes.getFloat()).isEqualTo(7);
    assertThat(bytes.hasRemaining()).isFalse();
  }

  @Test
  void shouldGiveBackWhatWasWritten() throws IOException {
    Path file = folder.resolve("a.safetensors");
    float[] many = new float[600_000]; // more than is converted at a time
    for (int i = 0; i < many.length; i++) {
      many[i] = i / 3f;
    }
    Map<String, Tensor> tensors = Map.of("matrix", MATRIX, "scalar", SCALAR, "none", new Tensor(new float[0], 0, 4),
        "many", new Tensor(many, 3, 200_000), "a name with \"quotes\"", SCALAR);
    SafetensorsWriter.write(file, Map.of("old", SCALAR), Map.of());
    SafetensorsWriter.write(file, tensors, Map.of("key", "value"));
    Safetensors read = Safetensors.open(file);
    assertThat(read.shapes()).containsOnlyKeys(tensors.keySet());
    tensors.forEach((name, tensor) -> assertThat(read.read(name)).isEqualTo(tensor));
    assertThat(read.metadata()).isEqualTo(Map.of("key", "value"));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void shouldKeepWhatWasThereWhenTheDiskIsFull() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "skipped: this system has no /dev/full");
    Path file = folder.resolve("a.safetensors");
    SafetensorsWriter.write(file, Map.of("a", SCALAR), Map.of());
    Files.createSymbolicLink(folder.resolve("a.safetensors.part"), full);
    assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of("a", MATRIX), Map.of())).isInstanceOf(IOException.class)
        .hasMessageContaining("Cannot write " + file).hasMessageContaining("No space left on device")
        .hasMessageContaining("What was there before is unchanged. Make room");
    assertThat(Safetensors.open(file).read("a")).isEqualTo(SCALAR);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void shouldSayWhatCannotBeWritten() {
    assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("none/a"), Map.of("a", SCALAR), Map.of()))
        .isInstanceOf(IOException.class).hasMessageContaining("there is no such folder").hasMessageContaining("Nothing was left there");
    assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("a"), Map.of("__metadata__", SCALAR), Map.of()))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("cannot be named __metadata__");
  }
}
