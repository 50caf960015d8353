package io.accrete.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A photo on disk and its names in the stream.
 *
 * @param objectId name of the object's folder
 * @param imageId path below the object's folder, with forward slashes
 * @param file the file, which may lie in a zip
 */
public record PhotoFile(String objectId, String imageId, Path file) {
  /**
   * The bytes of the file.
   *
   * @throws ImageException if there are more than the limits allow; no more than that is ever held
   */
  public byte[] read(ImageLimits limits) throws IOException, ImageException {
    limits.checkBytes(Files.size(file));
    try (InputStream in = Files.newInputStream(file)) { // a zip may give more than it says
      byte[] bytes = in.readNBytes((int) Math.min(Integer.MAX_VALUE, limits.maxBytes() + 1L));
      limits.checkBytes(bytes.length);
      return bytes;
    }
  }

  /** Whether the file lies in a zip, where other programs cannot read it. */
  public boolean inZip() {
    return file.getFileSystem() != FileSystems.getDefault();
  }

  /** The whole path, for messages. */
  public String name() {
    return inZip() ? file.getFileSystem() + "!" + file : file.toString();
  }
}
