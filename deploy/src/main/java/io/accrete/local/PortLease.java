package io.accrete.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A port that another local cluster does not choose too before this one listens on it, which may be seconds later. The operating system
 * lets go of it when the process ends.
 */
record PortLease(int port, FileChannel lock) implements AutoCloseable {
  /** The first of these ports that is free and that no cluster has chosen (zeros are passed over), else any free port, without a lock. */
  static PortLease firstFree(int... preferred) {
    for (int port : preferred) {
      FileChannel lock = port == 0 ? null : lock(port);
      if (lock != null) {
        PortLease lease = new PortLease(port, lock);
        if (Ports.isFree(port)) {
          return lease;
        }
        lease.close();
      }
    }
    return new PortLease(Ports.firstFree(), null);
  }

  /** Null: somebody has it, or the file is not ours to open. */
  private static FileChannel lock(int port) {
    Path file = Path.of(System.getProperty("java.io.tmpdir"), "accrete-port-" + port + ".lock");
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (channel.tryLock() != null) {
          return channel;
        }
      } catch (OverlappingFileLockException heldByThisProcess) {
        // as if another had it
      }
      channel.close();
      return null;
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public void close() {
    if (lock != null) {
      try {
        lock.close();
      } catch (IOException e) {
        throw new IllegalStateException("Cannot let go of port " + port + ": " + e, e);
      }
    }
  }
}
