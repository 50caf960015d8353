package io.accrete.bundle;

import io.accrete.bundle.Manifest.FileInfo;
import io.accrete.bundle.Manifest.Shapes;
import io.accrete.onnx.DataType;
import io.accrete.onnx.OnnxException;
import io.accrete.onnx.Signature;
import io.accrete.onnx.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A model on disk whose files were found to be what its manifest says.
 *
 * @param root the bundle's folder
 * @param manifest what it consists of
 * @param preprocessing what a photo must become before the encoder
 * @param manifestSha256 hash of the manifest, and so of everything
 */
public record Bundle(Path root, Manifest manifest, Preprocessing preprocessing, String manifestSha256) {
  public static final String ENCODER = "encoder.onnx";
  public static final String AGGREGATOR = "aggregator.onnx";
  public static final String MANIFEST = "manifest.json";
  public static final String PREPROCESSING = "preprocessor_config.json";
  public static final String CARD = "README.md";
  public static final String GOLDEN = "golden";

  /**
   * Reads a bundle and checks names, sizes, hashes and the graphs' signatures; runs nothing.
   *
   * @throws BundleException if it is not a whole and unchanged bundle
   */
  public static Bundle read(Path folder) {
    Path file = folder.resolve(MANIFEST);
    if (!Files.isRegularFile(file)) {
      throw new BundleException("No bundle at " + folder + ": expected a folder with " + MANIFEST + "; found " + contents(folder)
          + ". 'accrete models import' writes one.");
    }
    Manifest manifest = Json.read(file, Manifest.class);
    for (String required : List.of(ENCODER, AGGREGATOR, PREPROCESSING)) {
      if (!manifest.files().containsKey(required)) {
        throw new BundleException("The manifest of " + folder + " must list " + required + "; it lists " + manifest.files().keySet() + ".");
      }
    }
    manifest.files().forEach((name, info) -> check(folder, name, info));
    Preprocessing preprocessing = Preprocessing.read(folder.resolve(PREPROCESSING));
    if (preprocessing.cropSize() != manifest.shapes().imageSize()) {
      throw new BundleException(folder + ": " + PREPROCESSING + " gives images of " + preprocessing.cropSize()
          + " pixels, but the encoder takes " + manifest.shapes().imageSize() + ".");
    }
    Bundle bundle = new Bundle(folder, manifest, preprocessing, Sha256.of(file));
    check(bundle.encoder(), encoderInputs(manifest.shapes()), encoderOutputs(manifest.shapes()));
    check(bundle.aggregator(), aggregatorInputs(manifest.shapes()), aggregatorOutputs(manifest.shapes()));
    return bundle;
  }

  /** Path of {@code encoder.onnx}. */
  public Path encoder() {
    return root.resolve(ENCODER);
  }

  /** Path of {@code aggregator.onnx}. */
  public Path aggregator() {
    return root.resolve(AGGREGATOR);
  }

  /** Model version. */
  public String version() {
    return manifest.version();
  }

  /** Whether the encoder has random weights, as far as the lineage tells. */
  public boolean isUntrained() {
    return UntrainedBundle.UNTRAINED.equals(manifest.lineage().get(UntrainedBundle.TRAINING));
  }

  /** Hash of {@code encoder.onnx}: the identity of its tokens. */
  public String encoderSha256() {
    return manifest.files().get(ENCODER).sha256();
  }

  /** Hash of {@code aggregator.onnx}. */
  public String aggregatorSha256() {
    return manifest.files().get(AGGREGATOR).sha256();
  }

  static List<TensorInfo> encoderInputs(Shapes shapes) {
    return List.of(TensorInfo.batched("pixel_values", DataType.UINT8, shapes.imageSize(), shapes.imageSize(), 3));
  }

  static List<TensorInfo> encoderOutputs(Shapes shapes) {
    return List.of(TensorInfo.batched("tokens", DataType.FLOAT32, shapes.tokens(), shapes.dimension()));
  }

  static List<TensorInfo> aggregatorInputs(Shapes shapes) {
    return List.of(
        TensorInfo.batched("state", DataType.FLOAT32, shapes.stateTokens(), shapes.dimension()),
        TensorInfo.batched("tokens", DataType.FLOAT32, shapes.tokens(), shapes.dimension()),
        TensorInfo.batched("count", DataType.INT64));
  }

  static List<TensorInfo> aggregatorOutputs(Shapes shapes) {
    return List.of(
        TensorInfo.batched("next_state", DataType.FLOAT32, shapes.stateTokens(), shapes.dimension()),
        TensorInfo.batched("embedding", DataType.FLOAT32, shapes.embedding()));
  }

  private static void check(Path folder, String name, FileInfo expected) {
    Path file = file(folder, name);
    try {
      if (!Files.isRegularFile(file)) {
        throw new BundleException("The bundle " + folder + " lacks " + name + ", which its manifest lists; found " + contents(folder)
            + ".");
      }
      if (Files.size(file) != expected.bytes()) {
        throw new BundleException(file + " must have " + expected.bytes() + " bytes; found " + Files.size(file)
            + ". The copy is incomplete or changed; fetch the bundle again.");
      }
    } catch (IOException e) {
      throw new BundleException("Cannot read " + file + ": " + e.getMessage(), e);
    }
    String hash = Sha256.of(file);
    if (!hash.equals(expected.sha256())) {
      throw new BundleException(file + " is not the file that the manifest describes: expected SHA-256 " + expected.sha256()
          + ", found " + hash + ". Fetch the bundle again, or write it anew if the change was meant.");
    }
  }

  private static void check(Path graph, List<TensorInfo> inputs, List<TensorInfo> outputs) {
    try {
      Signature.read(graph).require(graph.toString(), inputs, outputs);
    } catch (OnnxException e) {
      throw new BundleException(e.getMessage(), e);
    }
  }

  /**
   * Where a file that a manifest lists is in a bundle's folder, whether it is there or not.
   *
   * @throws BundleException if '..' or a link leads out of the folder
   */
  public static Path file(Path folder, String name) {
    try {
      Path file = folder.resolve(name).normalize();
      boolean plain = !name.isEmpty() && !name.contains("\\") && file.startsWith(folder.normalize())
          && !folder.resolve(name).equals(Path.of(name));
      if (!plain || Files.exists(file) && !file.toRealPath().startsWith(folder.toRealPath())) {
        throw new BundleException("The manifest of " + folder + " names '" + name + "', which lies outside the bundle.");
      }
      return file;
    } catch (IOException | InvalidPathException e) {
      throw new BundleException("The manifest of " + folder + " names '" + name + "', which cannot be read: " + e.getMessage(), e);
    }
  }

  private static String contents(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Files.exists(folder) ? "a file" : "nothing";
    }
    try (Stream<Path> files = Files.list(folder)) {
      TreeSet<String> names = new TreeSet<>();
      files.limit(50).forEach(path -> names.add(path.getFileName().toString()));
      return names.isEmpty() ? "an empty folder" : names.toString();
    } catch (IOException e) {
      return "a folder that cannot be read";
    }
  }
}
