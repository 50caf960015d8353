package io.accrete.trainer.buffer;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Photos of one object on their way into a buffer, on disk already; those that are not committed are deleted by {@link #close}. */
final class Draft implements AutoCloseable {
  private final ImageSetBuffer buffer;
  private final PhotoFiles files;
  private final Map<String, Long> sizes = new LinkedHashMap<>();

  Draft(ImageSetBuffer buffer, PhotoFiles files) {
    this.buffer = buffer;
    this.files = files;
  }

  /** Adds a photo. */
  void add(String sha256, byte[] photo) throws IOException {
    if (!sizes.containsKey(sha256)) {
      files.put(sha256, photo);
      sizes.put(sha256, (long) photo.length);
    }
  }

  /** Adds a photo if its bytes are in the buffer; false if they must be had from elsewhere. */
  boolean addKnown(String sha256) throws IOException {
    if (!sizes.containsKey(sha256)) {
      OptionalLong size = files.holdKnown(sha256);
      size.ifPresent(bytes -> sizes.put(sha256, bytes));
    }
    return sizes.containsKey(sha256);
  }

  /** Number of different photos. */
  int size() {
    return sizes.size();
  }

  /** Makes the photos the object's; fewer than two are passed over, unless the object has others. */
  void commit(String object, Position read) throws IOException {
    buffer.add(object, sizes, read);
  }

  @Override
  public void close() {
    sizes.keySet().forEach(files::release); // what was committed is held by the buffer as well
    sizes.clear();
  }
}
