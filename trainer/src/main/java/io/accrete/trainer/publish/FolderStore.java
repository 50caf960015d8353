package io.accrete.trainer.publish;

import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A folder with one bundle for each version. A bundle is written beside its place and then renamed, so that nobody sees half of one. */
final class FolderStore implements ModelStore {
  private final Path root;

  FolderStore(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public String address(String version) {
    return root.resolve(version).toUri().toString().replaceFirst("/$", ""); // a folder that exists has a slash there
  }

  @Override
  public Optional<byte[]> manifest(String version) {
    Path file = root.resolve(version).resolve(Bundle.MANIFEST);
    try {
      return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    } catch (IOException e) {
      throw new PublishException("Cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void put(Bundle bundle) {
    BundleWriter.copy(bundle, root.resolve(bundle.version()), true);
  }

  @Override
  public void close() {}
}
