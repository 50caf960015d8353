package io.accrete.checkpoint;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.onnx.Float16;
import io.accrete.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A safetensors file: an 8-byte little-endian header length, a JSON header, the data. Tensors are mapped and converted one by one, so
 * a large file costs memory only for what is read.
 */
public final class Safetensors {
  private static final long MAX_HEADER = 100_000_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final SortedMap<String, Entry> entries;
  private final SortedMap<String, String> metadata;

  private record Entry(String type, int[] shape, long from, long to) {}

  private Safetensors(Path file, SortedMap<String, Entry> entries, SortedMap<String, String> metadata) {
    this.file = file;
    this.entries = entries;
    this.metadata = Collections.unmodifiableSortedMap(metadata);
  }

  /**
   * Reads and checks the header.
   *
   * @throws CheckpointException if the file is no safetensors file, or is cut off
   */
  public static Safetensors open(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() < 8) {
        throw broken(file, "expected at least 8 bytes, found " + channel.size());
      }
      long length = read(channel, 0, 8).getLong();
      if (length < 2 || length > Math.min(MAX_HEADER, channel.size() - 8)) {
        throw broken(file, "its header claims " + Long.toUnsignedString(length) + " bytes, the file has " + channel.size());
      }
      byte[] header = new byte[(int) length];
      read(channel, 8, (int) length).get(header);
      JsonNode json = JSON.readTree(header);
      return new Safetensors(file, entries(file, json, 8 + length, channel.size()), metadata(json));
    } catch (JacksonException e) {
      throw broken(file, "its header is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new CheckpointException("Cannot read " + file + ": " + (Files.exists(file) ? e.getMessage() : "the file does not exist."), e);
    }
  }

  /** Facts about the file, as whoever wrote it gave them. */
  public SortedMap<String, String> metadata() {
    return metadata;
  }

  /** Names and shapes of all tensors. */
  public SortedMap<String, int[]> shapes() {
    SortedMap<String, int[]> shapes = new TreeMap<>();
    entries.forEach((name, entry) -> shapes.put(name, entry.shape.clone()));
    return Collections.unmodifiableSortedMap(shapes);
  }

  /**
   * Reads one tensor as float32.
   *
   * @throws CheckpointException if there is none of that name, or its type is not F32, F16 or BF16
   */
  public Tensor read(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new CheckpointException(file + " has no tensor '" + name + "'; it has " + entries.keySet() + ".");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer data = channel.map(MapMode.READ_ONLY, entry.from, entry.to - entry.from).order(ByteOrder.LITTLE_ENDIAN);
      float[] values = new float[Tensor.size(entry.shape)];
      switch (entry.type) {
        case "F32" -> data.asFloatBuffer().get(values);
        case "F16" -> {
          for (int i = 0; i < values.length; i++) {
            values[i] = Float16.toFloat(data.getShort(2 * i));
          }
        }
        default -> {
          for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(data.getShort(2 * i) << 16);
          }
        }
      }
      return new Tensor(values, entry.shape.clone());
    } catch (IOException e) {
      throw new CheckpointException("Cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static SortedMap<String, Entry> entries(Path file, JsonNode header, long start, long size) {
    if (!header.isObject()) {
      throw broken(file, "its header is no JSON object");
    }
    SortedMap<String, Entry> entries = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : header.properties()) {
      if (!field.getKey().equals(SafetensorsWriter.METADATA)) {
        entries.put(field.getKey(), entry(file, field.getKey(), field.getValue(), start, size));
      }
    }
    return entries;
  }

  private static SortedMap<String, String> metadata(JsonNode header) {
    SortedMap<String, String> metadata = new TreeMap<>();
    header.path(SafetensorsWriter.METADATA).properties().forEach(fact -> metadata.put(fact.getKey(), fact.getValue().asText()));
    return metadata;
  }

  private static Entry entry(Path file, String name, JsonNode json, long start, long size) {
    String type = json.path("dtype").asText();
    int bytes = switch (type) {
      case "F32" -> 4;
      case "F16", "BF16" -> 2;
      default -> throw new CheckpointException(
          file + ": the tensor '" + name + "' has type '" + type
              + "'; F32, F16 and BF16 are supported. Save the checkpoint in one of them.");
    };
    int[] shape = new int[json.path("shape").size()];
    long elements = 1;
    for (int i = 0; i < shape.length; i++) {
      shape[i] = json.path("shape").get(i).asInt(-1);
      if (shape[i] < 0 || elements * Math.max(shape[i], 1) * bytes > Integer.MAX_VALUE) {
        throw broken(file, "the tensor '" + name + "' has the impossible or too large shape " + json.path("shape"));
      }
      elements *= shape[i];
    }
    JsonNode offsets = json.path("data_offsets");
    long from = offsets.path(0).asLong(-1);
    long to = offsets.path(1).asLong(-1);
    if (from < 0 || to - from != elements * bytes || to > size - start) {
      throw broken(file, "the tensor '" + name + "' of shape " + json.path("shape") + " should lie at bytes " + offsets + " of "
          + (size - start));
    }
    return new Entry(type, shape, start + from, start + to);
  }

  private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {
      continue;
    }
    return buffer.flip();
  }

  private static CheckpointException broken(Path file, String reason) {
    return new CheckpointException(file + " is not a whole safetensors file: " + reason + ". Fetch it again.");
  }
}
