package io.accrete.streams.fetch;

import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleException;
import io.accrete.bundle.BundleVerifier;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.Manifest;
import io.accrete.bundle.Manifest.FileInfo;
import io.accrete.bundle.Sha256;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.content.ModelContent;
import io.accrete.events.ModelVersion;
import io.accrete.onnx.OnnxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/**
 * Brings published bundles to this machine, whole and verified or not at all: the manifest against what was published, every file against
 * the manifest, the shapes against what was published, and the golden outputs. Safe for many threads, one of which fetches at a time.
 */
public final class BundleFetcher implements AutoCloseable {
  private static final long MANIFEST_BYTES = 1 << 20;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path folder;
  private final long maxBytes;
  private final Download download;

  /**
   * A fetcher for what the configuration allows.
   *
   * @throws org.apache.kafka.common.config.ConfigException if {@code models.uri} or a setting of the group "Content by reference" is
   *     malformed
   */
  public BundleFetcher(AccreteConfig config) {
    this(config, PATIENCE);
  }

  /** @param patience how long a store that cannot be reached is tried again */
  BundleFetcher(AccreteConfig config, Duration patience) {
    // Not the store's own default folder, whose bundles must stay when this instance has no more use for them.
    this.folder = config.stateDirectory().resolve("fetched-models").toAbsolutePath().normalize();
    this.maxBytes = config.getLong(ConfigKeys.MODELS_MAX_BYTES);
    this.download = new Download(ModelContent.from(config), patience);
  }

  /**
   * The bundle of a published model, in the state directory; it is fetched unless it is there.
   *
   * @throws BundleException if it cannot be had or is not what was published
   */
  public synchronized Bundle fetch(ModelVersion published) {
    Path target = folder.resolve(Publication.of(published).version());
    if (!Files.exists(target.resolve(Bundle.MANIFEST)) || !Files.exists(target.resolve(Bundle.ENCODER))) {
      remove(target); // what is left of it is nothing that a caller's folder would be replaced for
    }
    return fetch(published, target, true);
  }

  /**
   * The same, in a folder of the caller's.
   *
   * @param overwrite whether another bundle that is there may be replaced; anything else is never touched
   */
  public synchronized Bundle fetch(ModelVersion published, Path target, boolean overwrite) {
    Publication publication = Publication.of(published);
    Optional<Bundle> there = present(publication, target);
    if (there.isPresent()) {
      return there.get();
    }
    try {
      return BundleWriter.write(fresh -> fill(publication, fresh, target), target, overwrite);
    } catch (BundleException e) {
      return present(publication, target).orElseThrow(() -> e); // another process may have been faster
    }
  }

  /** Removes what was fetched into the state directory, also what is left of fetches that were cut short, but for these versions. */
  public synchronized void retain(Set<String> versions) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      entries.filter(entry -> !versions.contains(entry.getFileName().toString())).toList().forEach(BundleFetcher::remove);
    } catch (IOException e) {
      throw new BundleException("Cannot read " + folder + ": " + e.getMessage(), e);
    }
  }

  /** What was published, if it is in the folder. */
  private static Optional<Bundle> present(Publication publication, Path target) {
    Bundle there;
    try {
      there = Bundle.read(target);
    } catch (BundleException e) {
      return Optional.empty();
    }
    if (!there.manifestSha256().equals(publication.model().getManifestSha256())) {
      return Optional.empty();
    }
    verify(publication, target);
    return Optional.of(there);
  }

  private void fill(Publication publication, Path fresh, Path old) throws IOException {
    Manifest manifest = manifest(publication, fresh.resolve(Bundle.MANIFEST));
    publication.require(manifest);
    requireSize(publication, manifest);
    for (String name : manifest.files().keySet()) {
      FileInfo info = manifest.files().get(name);
      Path file = Bundle.file(fresh, name);
      Files.createDirectories(file.getParent());
      if (!reuse(Bundle.file(old, name), info, file)) {
        fetch(publication.url(name), info, file);
      }
    }
    verify(publication, fresh);
  }

  private Manifest manifest(Publication publication, Path file) throws IOException {
    String url = publication.url(Bundle.MANIFEST);
    download.to(file, url, MANIFEST_BYTES, "a manifest has at most");
    requireHash(url, publication.model().getManifestSha256(), file);
    return Manifest.parse(Files.readAllBytes(file), url);
  }

  private void requireSize(Publication publication, Manifest manifest) {
    long left = maxBytes;
    for (FileInfo info : manifest.files().values()) {
      left = info.bytes() < 0 || info.bytes() > left ? -1 : left - info.bytes();
      if (left < 0) {
        throw new BundleException(publication.address() + " is too large by its manifest: " + ConfigKeys.MODELS_MAX_BYTES + " allows "
            + maxBytes + " bytes in all. Raise it, or publish a smaller model.");
      }
    }
  }

  private void fetch(String url, FileInfo info, Path file) throws IOException {
    download.to(file, url, info.bytes(), "the manifest says");
    if (Files.size(file) != info.bytes()) {
      throw new BundleException(url + " must have " + info.bytes() + " bytes; found " + Files.size(file)
          + ". Put back what was published, or publish the bundle under another version.");
    }
    requireHash(url, info.sha256(), file);
  }

  /** Takes a file from an older state of the folder if it is the one that is wanted. */
  private static boolean reuse(Path old, FileInfo info, Path file) throws IOException {
    if (!Files.isRegularFile(old) || Files.size(old) != info.bytes() || !Sha256.of(old).equals(info.sha256())) {
      return false;
    }
    Files.copy(old, file);
    return true;
  }

  private static void requireHash(String url, String expected, Path file) {
    String found = Sha256.of(file);
    if (!found.equals(expected)) {
      throw new BundleException(url + " is not the file that was published: expected SHA-256 " + expected + ", found " + found
          + ". Put back what was published, or publish the bundle under another version.");
    }
  }

  private static void verify(Publication publication, Path where) {
    double error;
    try {
      error = BundleVerifier.verify(where);
    } catch (BundleException | OnnxException e) {
      throw new BundleException(e.getMessage().replace(where.toString(), publication.address()), e); // the place that a person knows
    }
    if (!(error <= BundleVerifier.TOLERANCE)) {
      throw new BundleException(String.format(Locale.ROOT, "%s does not compute its golden outputs on this machine: largest error %.2e, "
          + "expected at most %.0e. Write the bundle again, or find out what is different here.", publication.address(), error,
          BundleVerifier.TOLERANCE));
    }
  }

  private static void remove(Path path) {
    try {
      if (Files.exists(path)) {
        FileUtils.forceDelete(path.toFile());
      }
    } catch (IOException e) {
      throw new BundleException("Cannot remove " + path + ": " + e.getMessage(), e);
    }
  }

  /** Ends a fetch under way, which fails, and lets no other begin. */
  @Override
  public void close() {
    download.close();
  }
}
