package io.accrete.content;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;

/**
 * The store of models that the configuration names. Its owner chose it, so what lies below it may be read wherever it is, also where
 * references in events may not lead; nothing beside it.
 *
 * @param root its folder; null: there is no store
 */
record ModelStore(URI root) {
  static final ModelStore NONE = new ModelStore(null);

  /** The store that {@code models.uri} names; throws a {@link ConfigException} without its value, which may hold a password. */
  static ModelStore of(AccreteConfig config) {
    String configured = config.getString(ConfigKeys.MODELS_URI);
    if (configured.isEmpty()) {
      return new ModelStore(config.stateDirectory().resolve("models").toAbsolutePath().normalize().toUri());
    }
    try {
      ModelStore store = new ModelStore(References.parse(configured));
      if (isPlain(store.root) && store.isUsable()) {
        return store;
      }
    } catch (ContentException | IllegalArgumentException | FileSystemNotFoundException e) {
      // told below
    }
    throw new ConfigException(ConfigKeys.MODELS_URI + " is not the address of a model store: expected file:///folder, s3://bucket/prefix "
        + "or https://host/path, without user information, query, fragment, '.' and '..'.");
  }

  private boolean isUsable() {
    return switch (scheme()) {
      case "file" -> folder().isPresent();
      case "s3" -> root.getRawAuthority() != null;
      case "http", "https" -> root.getHost() != null;
      default -> false;
    };
  }

  boolean is(String scheme) {
    return root != null && scheme().equals(scheme);
  }

  /** Its folder, if it is one of this machine. */
  Optional<Path> folder() {
    return is("file") ? Optional.of(Path.of(root).toAbsolutePath().normalize()) : Optional.empty();
  }

  /** Whether an address of http(s) or S3 lies below the store. */
  boolean contains(URI uri) {
    if (root == null || !References.scheme(uri).equals(scheme()) || uri.getRawAuthority() == null
        || !uri.getRawAuthority().equalsIgnoreCase(root.getRawAuthority()) || !isPlain(uri)) {
      return false;
    }
    String folder = root.getPath().replaceAll("/+$", "") + "/";
    return uri.getPath().startsWith(folder) && uri.getPath().length() > folder.length();
  }

  private String scheme() {
    return References.scheme(root);
  }

  /** A path in which every reader sees the same folders. */
  private static boolean isPlain(URI uri) {
    String raw = uri.getRawPath().toLowerCase(Locale.ROOT);
    return uri.getRawQuery() == null && uri.getRawFragment() == null
        && Stream.of("%2f", "%5c", "%00", "\\").noneMatch(raw::contains)
        && Stream.of(uri.getPath().split("/")).noneMatch(segment -> segment.equals(".") || segment.equals(".."));
  }
}
