package io.accrete.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes safetensors files of float32 tensors, which {@link Safetensors} reads. Equal contents give equal bytes. */
public final class SafetensorsWriter {
  static final String METADATA = "__metadata__";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ALIGNMENT = 8; // of the data
  private static final int CHUNK = 1 << 18; // values converted at a time

  private SafetensorsWriter() {}

  /**
   * Writes a file as a whole: until it is on the disk, what was there before stays.
   *
   * @param metadata facts about the file; kept in its header
   * @throws IOException if it cannot be written; the message names the file and what to do
   * @throws IllegalArgumentException if a tensor has the name {@code __metadata__}, which the format keeps for itself
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
    if (tensors.containsKey(METADATA)) {
      throw new IllegalArgumentException("A tensor cannot be named " + METADATA + "; safetensors files keep that name for themselves.");
    }
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    SortedMap<String, Tensor> ordered = new TreeMap<>(tensors);
    byte[] header = header(ordered, metadata);
    try {
      try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE)) {
        write(channel, start(header));
        for (Tensor tensor : ordered.values()) {
          write(channel, tensor.values());
        }
        channel.force(true);
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(beside);
      long bytes = header.length + 4 * ordered.values().stream().mapToLong(tensor -> tensor.values().length).sum();
      throw new IOException("Cannot write " + file + ", " + bytes + " bytes: " + reason(e) + ". "
          + (Files.exists(file) ? "What was there before is unchanged." : "Nothing was left there.")
          + " Make room or choose another place.", e);
    }
  }

  private static byte[] header(SortedMap<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      header.put(METADATA, new TreeMap<>(metadata));
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
      long end = offset + 4L * tensor.getValue().values().length;
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("dtype", "F32");
      entry.put("shape", tensor.getValue().shape());
      entry.put("data_offsets", new long[] {offset, end});
      header.put(tensor.getKey(), entry);
      offset = end;
    }
    return JSON.writeValueAsBytes(header);
  }

  /** Length and header, with spaces after it so that the data is aligned. */
  private static ByteBuffer start(byte[] header) {
    int padding = -header.length & (ALIGNMENT - 1);
    ByteBuffer start = ByteBuffer.allocate(8 + header.length + padding).order(ByteOrder.LITTLE_ENDIAN);
    start.putLong(header.length + padding).put(header);
    while (start.hasRemaining()) {
      start.put((byte) ' ');
    }
    return start.flip();
  }

  private static void write(FileChannel channel, float[] values) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(4 * Math.min(values.length, CHUNK)).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < values.length; from += CHUNK) {
      int count = Math.min(values.length - from, CHUNK);
      chunk.clear().limit(4 * count);
      chunk.asFloatBuffer().put(values, from, count);
      write(channel, chunk);
    }
  }

  private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException ? "there is no such folder" : e.getMessage();
  }
}
