package io.accrete.bench;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;

/** A job in a process of its own, as long as the process that started it wants. */
public interface ChildJob extends AutoCloseable {
  /** The line on standard output with which it says that it has started. */
  String STARTED = "started";

  /** The beginning of the line with which it says why it has ended. */
  String FAILED = "failed: ";

  /** Waits until it has ended; the failure, if it was one. */
  Optional<String> awaitEnd() throws InterruptedException;

  /** Starts a job, says so, ends it when standard input ends, and then the process. */
  static void run(Callable<? extends ChildJob> start) {
    try (ChildJob job = start.call()) {
      Thread watch = new Thread(() -> watch(job), "watch");
      watch.setDaemon(true);
      watch.start();
      System.out.println(STARTED);
      awaitEndOfInput();
    } catch (Exception e) { // whatever it is, the other process is to say it
      fail(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    }
    System.exit(0);
  }

  private static void watch(ChildJob job) {
    try {
      job.awaitEnd().ifPresent(ChildJob::fail);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void awaitEndOfInput() throws IOException {
    while (System.in.read() >= 0) {
      // nobody writes anything; a process that dies closes it too
    }
  }

  private static void fail(String reason) {
    System.out.println(FAILED + reason.lines().findFirst().orElse(""));
    Runtime.getRuntime().halt(1); // threads of a job that failed may not end
  }
}
