package io.accrete.trainer.buffer;

import io.accrete.retrieval.Photo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;

/** The objects of a buffer at one moment. Their photos can be read until it is closed, whatever leaves the buffer meanwhile. */
public final class Snapshot implements AutoCloseable {
  private final ImageSetBuffer buffer;
  private final SavedSnapshot photos;
  private final SortedMap<String, List<Photo>> objects;
  private boolean closed;

  Snapshot(ImageSetBuffer buffer, SavedSnapshot photos, SortedMap<String, List<Photo>> objects) {
    this.buffer = buffer;
    this.photos = photos;
    this.objects = Collections.unmodifiableSortedMap(objects);
  }

  /**
   * The photos of each object, at least two, the oldest first, by object id. A photo that has been damaged on disk throws when it is read,
   * and leaves the buffer.
   */
  public SortedMap<String, List<Photo>> objects() {
    return objects;
  }

  /**
   * Writes which photos these are, for {@link ImageSetBuffer#reopen}. From now on they stay, also when the process is killed, until this is
   * closed, another snapshot is saved in the file, or the file is removed.
   *
   * @throws IOException if the file or the buffer cannot be written; the snapshot is then not saved
   */
  public synchronized void save(Path saved) throws IOException {
    if (closed) {
      throw new BufferException("The snapshot is closed.");
    }
    Path absolute = saved.toAbsolutePath().normalize();
    photos.write(absolute);
    buffer.saved(absolute, this);
  }

  /** Lets photos go that have left the buffer. The file of a saved snapshot stays, and is the caller's to remove. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      buffer.release(photos, this);
    }
  }
}
