package io.accrete.content;

import static io.accrete.content.ContentException.Reason.UNREACHABLE;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs each download on a thread of its own, so that nothing in it can keep the caller longer than the limit: not a name server,
 * not a peer that sends a byte now and then. Socket timeouts alone start anew with every byte.
 */
final class TimeLimit implements AutoCloseable {
  /** What may be cut short. */
  interface Download {
    void run() throws Exception;
  }

  private final Duration limit;
  private final String name;
  private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
    Thread thread = new Thread(task, "content-download");
    thread.setDaemon(true);
    return thread;
  });

  /** @param name the limit, for messages */
  TimeLimit(Duration limit, String name) {
    this.limit = limit;
    this.name = name;
  }

  Duration duration() {
    return limit;
  }

  /**
   * Returns when the download has ended.
   *
   * @param abort makes a download that came too late end soon; the thread is interrupted as well
   */
  void run(Download download, Runnable abort, String what) throws ContentException {
    Future<?> future;
    try {
      future = threads.submit(() -> {
        download.run();
        return null;
      });
    } catch (RejectedExecutionException e) {
      throw new ContentException(UNREACHABLE, what + " was not read: the application is stopping.", e);
    }
    boolean done = false;
    try {
      future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      done = true;
    } catch (ExecutionException e) {
      done = true;
      if (e.getCause() instanceof ContentException refused) {
        throw refused;
      }
      throw new ContentException(UNREACHABLE, what + " could not be read: " + Failures.describe(e.getCause()) + ".", e.getCause());
    } catch (TimeoutException e) {
      throw new ContentException(UNREACHABLE, what + " did not arrive within " + name + ".", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ContentException(UNREACHABLE, what + " was not read: the application is stopping.", e);
    } finally {
      if (!done) {
        future.cancel(true);
        abort.run();
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
