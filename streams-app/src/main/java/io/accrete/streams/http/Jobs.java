package io.accrete.streams.http;

import io.javalin.http.Context;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what takes long, few at a time, on threads of its own: those of the server stay free for others. */
final class Jobs implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Jobs.class);
  private static final long IDLE_SECONDS = 30;
  private static final long CLOSING_SECONDS = 15;

  private final String name;
  private final ThreadPoolExecutor threads;

  /**
   * Threads that are there while there is something to do.
   *
   * @param atOnce that are done at a time
   * @param waiting that wait for their turn at most; who comes then is told to come again
   */
  Jobs(String name, int atOnce, int waiting) {
    this.name = name;
    threads = new ThreadPoolExecutor(atOnce, atOnce, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(waiting), threads(name));
    threads.allowCoreThreadTimeOut(true);
  }

  /** Daemons of this name. */
  static ThreadFactory threads(String name) {
    return task -> {
      Thread thread = new Thread(task, "http-" + name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Has a request answered, when its turn has come and the server has let go of it. */
  void answer(Context context, Job job) {
    context.future(() -> run(() -> {
      job.run();
      return null;
    }));
  }

  /** Has something done, when its turn has come; what it throws is what the future ends with. */
  <T> CompletableFuture<T> run(Callable<T> job) {
    CompletableFuture<T> done = new CompletableFuture<>();
    try {
      threads.execute(() -> run(job, done));
    } catch (RejectedExecutionException e) {
      done.completeExceptionally(
          ProblemException.unavailable("Too many requests of this kind wait (" + name + "). Try again in a moment."));
    }
    return done;
  }

  private static <T> void run(Callable<T> job, CompletableFuture<T> done) {
    try {
      done.complete(job.call());
    } catch (Exception | Error e) { // whatever it is, somebody waits for an answer
      done.completeExceptionally(e);
    }
  }

  /** Interrupts what is being done and waits for its end, since what it uses is closed next; nothing more begins. */
  @Override
  public void close() {
    end(threads);
  }

  static void end(ExecutorService threads) {
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
        log.warn("A request did not end within {} s", CLOSING_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What answers a request. */
  interface Job {
    void run() throws Exception;
  }
}
