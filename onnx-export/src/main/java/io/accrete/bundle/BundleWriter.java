package io.accrete.bundle;

import io.accrete.bundle.Manifest.FileInfo;
import io.accrete.bundle.Manifest.Shapes;
import io.accrete.onnx.OnnxFile;
import io.accrete.onnx.Signature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/** Writes bundles: whole, or not at all. */
public final class BundleWriter {
  private BundleWriter() {}

  /**
   * Writes a bundle, its golden outputs included, into a new folder beside {@code target} and then renames it.
   *
   * @param overwrite whether a bundle at {@code target} may be replaced; anything else there is never touched
   * @return the bundle as read back
   * @throws BundleException if the target exists, or something cannot be written
   */
  public static Bundle write(BundleDraft draft, Path target, boolean overwrite) {
    return write(fresh -> fill(draft, fresh), target, overwrite);
  }

  /**
   * Copies a bundle, as {@link #write(BundleDraft, Path, boolean)} writes one; files that its manifest does not list stay behind.
   *
   * @throws BundleException if the target exists, something cannot be written, or the bundle has changed since it was read
   */
  public static Bundle copy(Bundle bundle, Path target, boolean overwrite) {
    return write(fresh -> {
      for (String name : bundle.manifest().files().keySet()) {
        Path file = fresh.resolve(name);
        Files.createDirectories(file.getParent());
        Files.copy(bundle.root().resolve(name), file);
      }
      Files.copy(bundle.root().resolve(Bundle.MANIFEST), fresh.resolve(Bundle.MANIFEST));
      Bundle.read(fresh);
    }, target, overwrite);
  }

  /** What puts a bundle's files into a new folder. */
  public interface Filling {
    void into(Path fresh) throws IOException;
  }

  /**
   * Puts a bundle in place once it has been filled, as {@link #write(BundleDraft, Path, boolean)} does.
   *
   * @throws BundleException if the target exists, something cannot be written, or what was filled is no bundle
   */
  public static Bundle write(Filling filling, Path target, boolean overwrite) {
    Path folder = target.toAbsolutePath().normalize();
    requireFree(folder, overwrite);
    try {
      Files.createDirectories(folder.getParent());
      Path fresh = Files.createDirectory(folder.resolveSibling("." + folder.getFileName() + "-" + UUID.randomUUID()));
      try {
        filling.into(fresh);
        putInPlace(fresh, folder);
      } finally {
        FileUtils.deleteDirectory(fresh.toFile());
      }
    } catch (IOException e) {
      throw new BundleException("Cannot write the bundle " + folder + ": " + e.getMessage(), e);
    }
    return Bundle.read(folder);
  }

  private static void putInPlace(Path fresh, Path folder) throws IOException {
    if (!Files.exists(folder)) {
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    Path old = fresh.resolveSibling(fresh.getFileName() + ".old");
    Files.move(folder, old, StandardCopyOption.ATOMIC_MOVE);
    try {
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.move(old, folder, StandardCopyOption.ATOMIC_MOVE);
      throw e;
    }
    FileUtils.deleteDirectory(old.toFile());
  }

  private static void requireFree(Path folder, boolean overwrite) {
    if (!Files.exists(folder) || isEmpty(folder)) {
      return;
    }
    // Much else has a manifest.json too, and replacing deletes the whole folder.
    if (!Files.isRegularFile(folder.resolve(Bundle.MANIFEST)) || !Files.isRegularFile(folder.resolve(Bundle.ENCODER))) {
      throw new BundleException(folder + " exists and is no bundle; choose another place for the new one.");
    }
    if (!overwrite) {
      throw new BundleException("There is a bundle at " + folder + " already; choose another place, or allow replacing it (--force).");
    }
  }

  private static void fill(BundleDraft draft, Path folder) throws IOException {
    EncoderGraph encoder = draft.encoder();
    Shapes shapes = new Shapes(encoder.preprocessing().cropSize(), encoder.tokens(), encoder.registers(), encoder.dimension(),
        draft.aggregator().stateTokens(), draft.aggregator().embedding());
    OnnxFile.write(encoder.model(), folder.resolve(Bundle.ENCODER));
    OnnxFile.write(draft.aggregator().model(), folder.resolve(Bundle.AGGREGATOR));
    encoder.preprocessing().write(folder.resolve(Bundle.PREPROCESSING));
    String version = draft.version() == null ? draft.name() + "-" + contentHash(folder) : draft.version();
    SortedMap<String, String> lineage = new TreeMap<>(encoder.lineage());
    lineage.putAll(draft.aggregator().lineage());
    lineage.putAll(draft.lineage());
    Golden.write(folder, shapes);
    ModelCard.write(folder.resolve(Bundle.CARD), version, draft, shapes, lineage);
    int opset = Signature.of(encoder.model()).opset();
    Json.write(new Manifest(Manifest.FORMAT, version, draft.name(), shapes, opset, lineage, new TreeMap<>(draft.metrics()), files(folder)),
        folder.resolve(Bundle.MANIFEST));
  }

  /** A hash of what determines the embeddings; golden outputs are left out, for their last bits depend on the machine. */
  private static String contentHash(Path folder) {
    StringBuilder hashes = new StringBuilder();
    for (String name : List.of(Bundle.ENCODER, Bundle.AGGREGATOR, Bundle.PREPROCESSING)) {
      hashes.append(Sha256.of(folder.resolve(name))).append('\n');
    }
    return Sha256.of(hashes.toString().getBytes(StandardCharsets.US_ASCII)).substring(0, 12);
  }

  private static SortedMap<String, FileInfo> files(Path folder) throws IOException {
    SortedMap<String, FileInfo> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(path).toString().replace(path.getFileSystem().getSeparator(), "/");
        files.put(name, new FileInfo(Sha256.of(path), Files.size(path)));
      }
    }
    return files;
  }

  private static boolean isEmpty(Path folder) {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      throw new BundleException("Cannot read " + folder + ": " + e.getMessage(), e);
    }
  }
}
