package io.accrete.content;

import static io.accrete.content.ContentException.Reason.INVALID_URI;
import static io.accrete.content.ContentException.Reason.NOT_ALLOWED;
import static io.accrete.content.ContentException.Reason.NOT_FOUND;
import static io.accrete.content.ContentException.Reason.UNREACHABLE;

import io.accrete.config.ConfigKeys;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;

/**
 * Regular files below the configured roots. Symbolic links are followed only where they lead below a root again.
 *
 * <p>A path is resolved once, checked, and then opened from the root downwards, directory by directory, without following links:
 * what is opened is what was checked, even if somebody exchanges a directory for a link in between.
 */
final class FileContent implements ContentSource {
  private static final Set<OpenOption> READ_NO_LINK = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

  private final List<Path> roots;

  /** @param roots absolute; one that is not there is one below which nothing is */
  FileContent(List<Path> roots) {
    this.roots = List.copyOf(roots);
  }

  /** The roots that references may have; throws a {@link ConfigException} if one is not there. */
  static List<Path> roots(List<String> configured) {
    return configured.stream().map(FileContent::root).toList();
  }

  private static Path root(String configured) {
    Path root = Path.of(configured).toAbsolutePath().normalize();
    if (!Files.isDirectory(root)) {
      throw new ConfigException(ConfigKeys.FILE_ROOTS + " names " + root + ", which is not a directory: create it or correct the setting.");
    }
    return root;
  }

  @Override
  public void copy(String reference, SizeLimit size, OutputStream to) throws ContentException {
    URI uri = References.parse(reference);
    String shown = References.shown(uri);
    Path path = path(uri, shown);
    try {
      requireBelowARoot(path, shown); // before the disk is asked, so that the answer tells nothing about files elsewhere
      Path real = path.toRealPath();
      Path root = realRoots().filter(real::startsWith).findFirst().orElseThrow(() -> outside(shown));
      if (real.equals(root)) {
        throw new ContentException(NOT_ALLOWED, shown + " is a directory: expected a regular file.");
      }
      read(root, root.relativize(real), size, to, shown);
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw new ContentException(NOT_FOUND, "There is no file " + shown + ".", e);
    } catch (IOException | SecurityException e) {
      throw new ContentException(UNREACHABLE, "The file " + shown + " cannot be read: " + Failures.describe(e) + ".", e);
    }
  }

  @Override
  public void check(String reference) throws ContentException {
    URI uri = References.parse(reference);
    requireBelowARoot(path(uri, References.shown(uri)), References.shown(uri));
  }

  private void requireBelowARoot(Path path, String shown) throws ContentException {
    if (Stream.concat(roots.stream(), realRoots()).noneMatch(path::startsWith)) {
      throw outside(shown);
    }
  }

  private static Path path(URI uri, String shown) throws ContentException {
    String raw = uri.getRawPath();
    if (uri.getRawAuthority() != null && !uri.getRawAuthority().isEmpty() || raw.startsWith("//")) {
      throw new ContentException(NOT_ALLOWED, shown + " names a host: expected a local file, file:///path.");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new ContentException(INVALID_URI, shown + " has a query or a fragment: encode '?' as %3F and '#' as %23 in file names.");
    }
    String lower = raw.toLowerCase(Locale.ROOT);
    if (lower.contains("%2f") || lower.contains("%5c") || lower.contains("%00")) {
      throw new ContentException(NOT_ALLOWED, shown + " hides a separator (%2F, %5C or %00) in a file name.");
    }
    if (Stream.of(uri.getPath().split("/")).anyMatch(".."::equals)) {
      throw new ContentException(NOT_ALLOWED, shown + " climbs with '..': write the path out.");
    }
    try {
      return Path.of(URI.create("file://" + raw));
    } catch (IllegalArgumentException e) {
      throw new ContentException(INVALID_URI, shown + " is not a path on this system.", e);
    }
  }

  /** The roots resolved now, since a root may itself be a link that its owner turns. */
  private Stream<Path> realRoots() {
    return roots.stream().flatMap(root -> {
      try {
        return Stream.of(root.toRealPath());
      } catch (IOException e) {
        return Stream.empty(); // gone for the moment: nothing is below it
      }
    });
  }

  private static void read(Path root, Path relative, SizeLimit size, OutputStream to, String shown) throws IOException, ContentException {
    try (DirectoryStream<Path> directory = Files.newDirectoryStream(root)) {
      if (directory instanceof SecureDirectoryStream<Path> secure) {
        descend(secure, relative, size, to, shown);
        return;
      }
    }
    Path path = root.resolve(relative); // systems without openat, such as Windows: the checks hold, short of a race
    check(Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS), size, shown);
    try (InputStream in = Files.newInputStream(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      size.copy(in, to, shown);
    }
  }

  private static void descend(SecureDirectoryStream<Path> directory, Path relative, SizeLimit size, OutputStream to, String shown)
      throws IOException, ContentException {
    Path first = relative.getName(0);
    if (relative.getNameCount() > 1) {
      try (SecureDirectoryStream<Path> next = directory.newDirectoryStream(first, LinkOption.NOFOLLOW_LINKS)) {
        descend(next, relative.subpath(1, relative.getNameCount()), size, to, shown);
        return;
      }
    }
    BasicFileAttributeView view = directory.getFileAttributeView(first, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    check(view.readAttributes(), size, shown); // before opening: to open a pipe is to wait for its writer
    try (InputStream in = Channels.newInputStream(directory.newByteChannel(first, READ_NO_LINK))) {
      size.copy(in, to, shown);
    }
  }

  private static void check(BasicFileAttributes attributes, SizeLimit size, String shown) throws ContentException {
    if (!attributes.isRegularFile()) {
      throw new ContentException(NOT_ALLOWED, shown + " is " + (attributes.isDirectory() ? "a directory" : "a device, a pipe or a link")
          + ": expected a regular file.");
    }
    size.check(attributes.size(), shown);
  }

  private ContentException outside(String shown) {
    return new ContentException(NOT_ALLOWED, shown + " is not below one of the directories that " + ConfigKeys.FILE_ROOTS + " allows.");
  }
}
