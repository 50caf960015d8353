package io.accrete.trainer.buffer;

import io.accrete.bundle.Sha256;
import io.accrete.retrieval.Photo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Photos of objects on disk, within limits, and which part of the stream they are. The process may be killed at any moment: what a change
 * would have added or dropped is then either all there or not at all. After a failure of power photos that came last may be missing.
 *
 * <p>When there are too many bytes, the object with most photos loses its oldest, so that popular objects do not drown the rest; an object
 * that is left with one photo leaves. Photos that left stay on disk, beyond the limit, while a {@link Snapshot} holds them.
 *
 * <p>Deletions in {@code image-events} are not followed: photos leave by eviction, and removing the directory removes all.
 *
 * <p>Safe for use by several threads.
 */
public final class ImageSetBuffer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ImageSetBuffer.class);
  private static final long JOURNAL_SLACK = 1000; // lines; shorter journals are not worth writing anew

  private final Path directory;
  private final BufferLimits limits;
  private final DirectoryLock lock;
  private final PhotoFiles files;
  /** Photos that are kept for snapshots of a process before this one, by the file in which they are saved. */
  private final Map<String, List<String>> kept = new HashMap<>();
  /** The last snapshots that were saved in files or opened from them. */
  private final Map<String, Snapshot> saved = new HashMap<>();
  private Index index;
  private Journal journal;
  private boolean closed;

  private ImageSetBuffer(Path directory, BufferLimits limits, DirectoryLock lock) throws IOException {
    this.directory = directory;
    this.limits = limits;
    this.lock = lock;
    this.files = new PhotoFiles(directory.resolve("photos"));
  }

  /**
   * Opens the buffer of a directory, which is created if it is missing; photos beyond the limits leave, what a killed process left
   * unfinished is removed.
   *
   * @throws BufferException if another process uses the directory, or it cannot be written to
   */
  public static ImageSetBuffer open(Path directory, BufferLimits limits) {
    Path absolute = directory.toAbsolutePath().normalize();
    DirectoryLock lock = null;
    try {
      Files.createDirectories(absolute);
      lock = DirectoryLock.take(absolute);
      ImageSetBuffer buffer = new ImageSetBuffer(absolute, limits, lock);
      buffer.load();
      return buffer;
    } catch (IOException | RuntimeException e) {
      release(lock, e);
      if (e instanceof RuntimeException known) {
        throw known;
      }
      throw new BufferException("The buffer " + absolute + " cannot be used (" + e
          + "). Check its permissions and the free space, or choose another directory.", e);
    }
  }

  private static void release(DirectoryLock lock, Exception failure) {
    try {
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private void load() throws IOException {
    replay();
    forgetSnapshotsWithoutFile();
    Map<String, Long> sizes = files.sizes();
    Change lost = index.drop(photo -> sizes.getOrDefault(photo.sha256(), -1L) != photo.bytes());
    if (!lost.dropped().isEmpty()) {
      log.warn("{} photos of the buffer {} are missing or incomplete, and are dropped with what is useless without them.",
          lost.dropped().size(), directory);
      journal.append(lost);
    }
    index.photosByObject().values().forEach(photos -> photos.forEach(photo -> files.hold(photo.sha256())));
    for (String file : index.saved()) {
      List<String> photos = SavedSnapshot.read(Path.of(file)).photos().values().stream().flatMap(List::stream)
          .filter(sizes::containsKey).toList();
      photos.forEach(files::hold);
      kept.put(file, photos);
    }
    files.clean();
    commit(index.shrink(limits));
  }

  /** Reads the index anew: what is on disk is what is true. */
  private void replay() throws IOException {
    Index read = new Index();
    journal = Journal.open(directory.resolve("journal"), read::apply);
    index = read;
  }

  private void forgetSnapshotsWithoutFile() throws IOException {
    List<String> gone = index.saved().stream().filter(file -> !SavedSnapshot.isReadable(Path.of(file))).toList();
    if (!gone.isEmpty()) {
      journal.append(index.forget(gone));
    }
  }

  /** A draft of photos to add. */
  Draft draft() {
    return new Draft(this, files);
  }

  synchronized void add(String object, Map<String, Long> sizes, Position read) throws IOException {
    requireOpen();
    commit(index.add(object, sizes, limits).upTo(read));
  }

  /** Records that a part of the stream is read that left nothing here. */
  synchronized void passOver(Position read) throws IOException {
    requireOpen();
    commit(new Change(null, null, null, Map.of(read.key(), read.offset()), null, null));
  }

  /** Where to continue reading; empty at the beginning. */
  synchronized OptionalLong offset(Uuid topic, int partition) {
    return index.offset(Position.key(topic, partition));
  }

  /** Makes true on disk what the index was told; or neither. Files are there before the journal names them, and go after. */
  private void commit(Change change) throws IOException {
    if (change.changesNothing()) {
      return;
    }
    try {
      journal.append(change);
    } catch (IOException e) {
      try {
        journal.close();
      } catch (IOException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      replay();
      throw e;
    }
    index.read(change.offsets());
    change.added().forEach(photo -> files.hold(photo.sha256()));
    change.dropped().forEach(drop -> files.release(drop.photo().sha256()));
    if (journal.lines() > 2L * index.objects() + JOURNAL_SLACK) {
      shorten();
    }
  }

  private void shorten() {
    try {
      journal.replace(index.changes());
    } catch (IOException e) {
      log.warn("The journal of the buffer {} could not be written anew, and stays as long as it is: {}", directory, e.toString());
    }
  }

  /** All objects and their photos as they are now, which stay readable until it is closed. */
  public synchronized Snapshot snapshot() {
    requireOpen();
    SortedMap<String, List<String>> photos = new TreeMap<>();
    index.photosByObject().forEach((object, stored) -> photos.put(object, stored.stream().map(StoredPhoto::sha256).toList()));
    return hold(new SavedSnapshot(photos));
  }

  /**
   * A snapshot that was saved, also by a process that was killed.
   *
   * @throws BufferException if the file cannot be read, or photos of it are no longer in this buffer
   */
  public synchronized Snapshot reopen(Path saved) {
    requireOpen();
    Path file = saved.toAbsolutePath().normalize();
    SavedSnapshot snapshot;
    try {
      snapshot = SavedSnapshot.read(file);
    } catch (IOException e) {
      throw new BufferException("The saved snapshot " + file + " cannot be read (" + e + "). Begin a new round of training without it.", e);
    }
    List<String> all = snapshot.photos().values().stream().flatMap(List::stream).distinct().toList();
    List<String> missing = all.stream().filter(photo -> !Files.exists(files.path(photo))).toList();
    if (!missing.isEmpty()) {
      throw new BufferException("The saved snapshot " + file + " has " + all.size() + " photos, of which " + missing.size()
          + " are no longer in the buffer " + directory + " (the first: " + missing.get(0)
          + "). Begin a new round of training without it.");
    }
    Snapshot held = hold(snapshot);
    releaseKept(file.toString());
    this.saved.put(file.toString(), held);
    return held;
  }

  private Snapshot hold(SavedSnapshot snapshot) {
    snapshot.photos().values().forEach(photos -> photos.forEach(files::hold));
    SortedMap<String, List<Photo>> objects = new TreeMap<>();
    snapshot.photos().forEach((object, photos) -> objects.put(object,
        photos.stream().map(sha256 -> new Photo(files.path(sha256).toString(), () -> read(sha256))).toList()));
    return new Snapshot(this, snapshot, objects);
  }

  private byte[] read(String sha256) throws IOException {
    Path file = files.path(sha256);
    try {
      byte[] bytes = Files.readAllBytes(file);
      String found = Sha256.of(bytes);
      if (found.equals(sha256)) {
        return bytes;
      }
      throw lost(sha256, "is damaged: its bytes have the SHA-256 " + found + "; expected that of its name");
    } catch (NoSuchFileException e) {
      throw lost(sha256, "is missing: it was removed, or the snapshot is closed");
    }
  }

  private synchronized IOException lost(String sha256, String why) throws IOException {
    if (!closed) {
      files.delete(sha256); // before it can arrive again
      commit(index.drop(photo -> photo.sha256().equals(sha256)));
    }
    return new IOException("The photo " + files.path(sha256) + " " + why + ".");
  }

  /** Remembers that the photos of a snapshot are needed as long as this file is there, or until it is closed. */
  synchronized void saved(Path file, Snapshot snapshot) throws IOException {
    requireOpen();
    commit(index.remember(file.toString()));
    releaseKept(file.toString());
    saved.put(file.toString(), snapshot);
  }

  synchronized void release(SavedSnapshot photos, Snapshot snapshot) {
    if (closed) {
      return; // the directory may be another's by now; what is not needed goes at the next start
    }
    photos.photos().values().forEach(each -> each.forEach(files::release));
    List<String> its = saved.keySet().stream().filter(file -> saved.get(file) == snapshot).toList();
    saved.keySet().removeAll(its);
    try {
      if (!its.isEmpty()) {
        commit(index.forget(its));
      }
    } catch (IOException e) {
      log.warn("Could not note in the buffer {} that the snapshots {} are closed; their photos stay as long as these files are there: {}",
          directory, its, e.toString());
    }
  }

  private void releaseKept(String file) {
    List<String> photos = kept.remove(file);
    if (photos != null) {
      photos.forEach(files::release);
    }
  }

  /** What is in it now; how far it is behind is the consumer's to tell. */
  public synchronized BufferStatus status() {
    return new BufferStatus(index.objects(), index.photos(), index.bytes(), OptionalLong.empty());
  }

  BufferLimits limits() {
    return limits;
  }

  Path directory() {
    return directory;
  }

  private void requireOpen() {
    if (closed) {
      throw new BufferException("The buffer " + directory + " is closed.");
    }
  }

  /** Leaves the directory to others; snapshots can still be read, but what they read may go. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      journal.close();
      lock.close();
    } catch (IOException e) {
      throw new BufferException("The buffer " + directory + " could not be closed: " + e, e);
    }
  }
}
