package io.accrete.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Holds a directory for one process. The operating system lets go of it when the process ends, however it ends. */
public final class DirectoryLock implements AutoCloseable {
  private static final String FILE = ".accrete.lock";

  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Creates the directory if it is missing, and takes it.
   *
   * @throws IllegalStateException if it is held already or cannot be written, with a message for people
   */
  public static DirectoryLock take(Path directory) {
    try {
      Files.createDirectories(directory);
      FileChannel channel = FileChannel.open(directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!tryLock(channel)) {
        channel.close();
        throw new IllegalStateException("The data directory " + directory.toAbsolutePath()
            + " is in use by another accrete process. Stop that one, or choose another directory with --data.");
      }
      return new DirectoryLock(channel);
    } catch (IOException e) {
      throw new IllegalStateException("Cannot write to the data directory " + directory.toAbsolutePath() + " (" + e
          + "). Check its permissions and the free space, or choose another directory with --data.", e);
    }
  }

  /** Whether some process holds the directory. */
  public static boolean isHeld(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return !tryLock(channel);
    } catch (IOException e) {
      throw new IllegalStateException("Cannot read the lock of the data directory " + directory.toAbsolutePath() + " (" + e + ").", e);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException heldByThisProcess) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException("Cannot release the data directory: " + e, e);
    }
  }
}
