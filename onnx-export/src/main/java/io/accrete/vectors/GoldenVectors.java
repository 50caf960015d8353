package io.accrete.vectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.image.ImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs golden vectors through the code that the product uses. */
public final class GoldenVectors {
  private static final String PREPROCESS = "preprocess/cases.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private GoldenVectors() {}

  /** What else can be computed where this is called. */
  @FunctionalInterface
  public interface Runner {
    /** Runs the content of a file of this name. */
    VectorResult run(String file, JsonNode content);
  }

  /** Runs the files that can be computed here. */
  public static List<VectorResult> run(Path directory) throws IOException {
    return run(directory, Map.of());
  }

  /**
   * Runs every {@code *.json} of a folder and {@code preprocess/cases.json} in it, in order of name.
   *
   * @param others runs files that cannot be computed here, by name
   * @throws IOException if a file cannot be read or is not what its name says; the message names it
   */
  public static List<VectorResult> run(Path directory, Map<String, Runner> others) throws IOException {
    List<VectorResult> results = new ArrayList<>();
    for (String file : files(directory)) {
      results.add(run(directory, file, others.getOrDefault(file, GoldenVectors::nothing)));
    }
    return results;
  }

  /** Runs one file, named relative to the folder. */
  public static VectorResult run(Path directory, String file) throws IOException {
    return run(directory, file, GoldenVectors::nothing);
  }

  private static VectorResult nothing(String file, JsonNode content) {
    return VectorResult.notRun(file, "nothing here computes it");
  }

  private static VectorResult run(Path directory, String file, Runner other) throws IOException {
    Path path = directory.resolve(file);
    try {
      JsonNode json = JSON.readTree(path.toFile());
      return switch (file) {
        case PREPROCESS -> PreprocessVectors.run(json, path.getParent()).result(file);
        case "retrieval_ar10.json" -> RetrievalVectors.run(json).result(file);
        case "mile_aggregator.json" -> MileVectors.run(json).result(file);
        default -> other.run(file, json);
      };
    } catch (JsonProcessingException e) {
      throw new IOException(path + " is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (ImageException | RuntimeException e) {
      throw new IOException("Cannot run " + path + ": " + (e.getMessage() == null ? "it lacks an expected field." : e.getMessage()), e);
    }
  }

  private static List<String> files(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new IOException("Expected a folder of golden vectors, found none at " + directory + ".");
    }
    List<String> files = new ArrayList<>();
    try (Stream<Path> entries = Files.list(directory)) {
      entries.map(entry -> entry.getFileName().toString()).filter(name -> name.endsWith(".json")).sorted().forEach(files::add);
    }
    if (Files.exists(directory.resolve(PREPROCESS))) {
      files.add(PREPROCESS);
    }
    if (files.isEmpty()) {
      throw new IOException("Expected golden vectors (*.json or " + PREPROCESS + "), found none in " + directory + ".");
    }
    return files;
  }
}
