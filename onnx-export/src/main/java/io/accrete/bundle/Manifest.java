package io.accrete.bundle;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code manifest.json}: what a bundle is and what it consists of.
 *
 * @param format version of the bundle format, {@link #FORMAT}
 * @param version model version: letters, digits, '.', '_' and '-', at most 100
 * @param name name of the model, for people
 * @param shapes shapes of the graphs' inputs and outputs
 * @param opset operator set of the encoder
 * @param lineage where the model comes from: source, architecture, aggregator, objective, parent, seed, ...
 * @param metrics scores on held-back objects, by name
 * @param files every other file of the bundle, by its path with '/'
 */
public record Manifest(
    int format,
    String version,
    String name,
    Shapes shapes,
    int opset,
    SortedMap<String, String> lineage,
    SortedMap<String, Double> metrics,
    SortedMap<String, FileInfo> files) {
  /** The bundle format written and read here. */
  public static final int FORMAT = 1;

  /** Most values of an image's tokens or of a state: 1 GiB, far above every model. */
  private static final int MAX_VALUES = 1 << 28;
  private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  /**
   * Shapes of the graphs.
   *
   * @param imageSize side in pixels of the encoder's input
   * @param tokens T
   * @param registers R, the tokens between CLS and the patches
   * @param dimension D
   * @param stateTokens S
   * @param embedding E
   */
  public record Shapes(int imageSize, int tokens, int registers, int dimension, int stateTokens, int embedding) {}

  /** Hash (lower-case hexadecimal) and length of a file. */
  public record FileInfo(String sha256, long bytes) {}

  /**
   * Checks what can be checked without the files.
   *
   * @throws BundleException if something is missing or out of range
   */
  public Manifest {
    if (format != FORMAT) {
      throw new BundleException("The bundle has format " + format + "; this program reads format " + FORMAT
          + ". Write the bundle again with this version.");
    }
    if (!isVersion(version)) {
      throw new BundleException("A model version consists of letters, digits, '.', '_' and '-', at most 100, and begins with a letter or "
          + "digit; found '" + version + "'.");
    }
    if (shapes == null || files == null) {
      throw new BundleException("The manifest must have 'shapes' and 'files'.");
    }
    if (shapes.imageSize < 1 || shapes.tokens < 1 + shapes.registers || shapes.registers < 0 || shapes.dimension < 1
        || shapes.stateTokens < 1 || shapes.embedding < 1
        || (long) Math.max(shapes.tokens, shapes.stateTokens) * shapes.dimension > MAX_VALUES) {
      throw new BundleException("The manifest's shapes are impossible: " + shapes + ".");
    }
    files.forEach((file, info) -> {
      if (info == null || info.sha256 == null) {
        throw new BundleException("The manifest must give 'sha256' and 'bytes' of " + file + ".");
      }
    });
    lineage = sorted(lineage);
    metrics = sorted(metrics);
    files = sorted(files);
  }

  /**
   * Reads a manifest that is not in a file.
   *
   * @param name where it comes from, for messages
   * @throws BundleException if it is none
   */
  public static Manifest parse(byte[] json, String name) {
    return Json.parse(json, name, Manifest.class);
  }

  /** Whether two manifests are of one model: whatever else differs, equal photos give equal embeddings. */
  public boolean isSameModel(Manifest other) {
    return Stream.of(Bundle.ENCODER, Bundle.AGGREGATOR, Bundle.PREPROCESSING)
        .allMatch(name -> files.containsKey(name) && files.get(name).equals(other.files.get(name)));
  }

  /** Whether a text can be a model version. */
  public static boolean isVersion(String text) {
    return text != null && VERSION.matcher(text).matches();
  }

  private static <V> SortedMap<String, V> sorted(Map<String, V> map) {
    return Collections.unmodifiableSortedMap(map == null ? new TreeMap<>() : new TreeMap<>(map));
  }
}
