package io.accrete.trainer.publish;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.s3.S3Clients;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;

/** Where published bundles are kept, each in a folder named like its version. A bundle is there when its manifest is. */
interface ModelStore extends AutoCloseable {
  /** Longest time to store one file. */
  Duration FILE_TIMEOUT = Duration.ofMinutes(10);

  /** The store that the configuration names; throws a {@link ConfigException} if it names none that can be written to. */
  static ModelStore open(AccreteConfig config) {
    String configured = config.getString(ConfigKeys.MODELS_URI);
    if (configured.isEmpty()) {
      return new FolderStore(config.stateDirectory().resolve("models"));
    }
    URI uri = parse(configured);
    return switch (uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT)) {
      case "file" -> new FolderStore(folder(uri));
      case "s3" -> S3Store.of(uri, S3Clients.from(config, FILE_TIMEOUT));
      case "http", "https" -> throw new ConfigException(ConfigKeys.MODELS_URI + " is an " + uri.getScheme()
          + ": address, from which models can be read but to which none can be published. Publish to the file: or s3: address of what that "
          + "server serves.");
      default -> throw unusable();
    };
  }

  private static URI parse(String configured) {
    try {
      return URI.create(configured);
    } catch (IllegalArgumentException e) {
      throw unusable();
    }
  }

  private static Path folder(URI uri) {
    try {
      return Path.of(uri);
    } catch (IllegalArgumentException | FileSystemNotFoundException e) {
      throw unusable();
    }
  }

  /** Without the value, which may hold a password. */
  private static ConfigException unusable() {
    return new ConfigException(ConfigKeys.MODELS_URI + " is not the address of a model store: expected file:///folder or "
        + "s3://bucket/prefix.");
  }

  /** Address of a version's folder, without a slash at the end, whether there is one or not. */
  String address(String version);

  /** The manifest of a version; empty if there is no such version. */
  Optional<byte[]> manifest(String version);

  /** Stores a bundle; one of this version that is there already is replaced. */
  void put(Bundle bundle);

  @Override
  void close();
}
