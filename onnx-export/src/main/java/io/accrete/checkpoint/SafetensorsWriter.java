package io.accrete.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes safetensors files of float32 tensors. */
public final class SafetensorsWriter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ALIGNMENT = 8; // of the data

  private SafetensorsWriter() {}

  /** Writes a file as a whole: until it is on the disk, what was there before stays. */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    SortedMap<String, Tensor> ordered = new TreeMap<>(tensors);
    try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE)) {
      byte[] header = header(ordered, metadata);
      int padding = -header.length & (ALIGNMENT - 1);
      ByteBuffer start = ByteBuffer.allocate(8 + header.length + padding).order(ByteOrder.LITTLE_ENDIAN);
      start.putLong(header.length + padding).put(header);
      while (start.hasRemaining()) {
        start.put((byte) ' ');
      }
      write(channel, start.flip());
      for (Tensor tensor : ordered.values()) {
        ByteBuffer data = ByteBuffer.allocate(Math.multiplyExact(4, tensor.values().length)).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(tensor.values());
        write(channel, data);
      }
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(beside);
      throw e;
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static byte[] header(SortedMap<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      header.put("__metadata__", new TreeMap<>(metadata));
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
      long end = offset + 4L * tensor.getValue().values().length;
      header.put(tensor.getKey(), Map.of("dtype", "F32", "shape", tensor.getValue().shape(), "data_offsets", new long[] {offset, end}));
      offset = end;
    }
    return JSON.writeValueAsBytes(header);
  }

  private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
