package io.accrete.checkpoint;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** The tensors of a Hugging Face checkpoint, in one {@code model.safetensors} or in several with an index. */
final class CheckpointFiles {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final long MAX_JSON = 16 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Safetensors> files = new HashMap<>();

  private CheckpointFiles() {}

  static CheckpointFiles open(Path folder) {
    CheckpointFiles checkpoint = new CheckpointFiles();
    if (Files.exists(folder.resolve(SINGLE))) {
      checkpoint.add(Safetensors.open(folder.resolve(SINGLE)));
    } else if (Files.exists(folder.resolve(INDEX))) {
      SortedSet<String> names = new TreeSet<>();
      json(folder.resolve(INDEX)).path("weight_map").forEach(name -> names.add(name.asText()));
      if (names.isEmpty()) {
        throw new CheckpointException(folder.resolve(INDEX) + " names no files; expected them in 'weight_map'.");
      }
      for (String name : names) {
        if (name.contains("/") || name.contains("\\") || !name.endsWith(".safetensors")) {
          throw new CheckpointException(folder.resolve(INDEX) + " names '" + name + "'; expected safetensors files beside it.");
        }
        checkpoint.add(Safetensors.open(folder.resolve(name)));
      }
    } else {
      throw new CheckpointException("No weights in " + folder + ": expected " + SINGLE + " or " + INDEX
          + ". Checkpoints in other forms (pytorch_model.bin) must be saved as safetensors first.");
    }
    return checkpoint;
  }

  /** Reads a JSON object of limited size. */
  static JsonNode json(Path file) {
    try {
      if (Files.size(file) > MAX_JSON) {
        throw new CheckpointException(file + " is too large: expected at most " + MAX_JSON + " bytes, found " + Files.size(file) + ".");
      }
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw new CheckpointException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new CheckpointException("Cannot read " + file + ": " + (Files.exists(file) ? e.getMessage() : "the file does not exist."), e);
    }
  }

  SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(files.keySet()));
  }

  boolean has(String name) {
    return files.containsKey(name);
  }

  /** The shape of a tensor that is there. */
  int[] shape(String name) {
    return files.get(name).shapes().get(name);
  }

  Tensor read(String name) {
    return files.get(name).read(name);
  }

  private void add(Safetensors file) {
    file.shapes().keySet().forEach(name -> files.put(name, file));
  }
}
