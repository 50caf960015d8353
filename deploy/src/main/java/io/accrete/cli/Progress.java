package io.accrete.cli;

import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Progress with rate and time left: a bar on a terminal, elsewhere a line every few seconds. Safe for many threads. */
final class Progress implements AutoCloseable {
  private static final long BAR_INTERVAL_MS = 200;
  private static final long LINE_INTERVAL_MS = 5_000;
  private static final int COLUMNS = 79;
  private static final int BAR_WIDTH = 20; // less where the line needs the room

  private static volatile Progress shown; // for a stop signal; one at a time is shown

  private volatile String task;
  private final boolean terminal;
  private final PrintStream out;
  private final long first;
  private final AtomicLong done;
  private final AtomicLong total;
  private final long started = System.nanoTime();
  private final ScheduledExecutorService ticker;

  private Progress(String task, long first, long total, boolean terminal, PrintStream out) {
    this.task = task;
    this.first = first;
    done = new AtomicLong(first);
    this.total = new AtomicLong(total);
    this.terminal = terminal;
    this.out = out;
    ticker = Executors.newSingleThreadScheduledExecutor(show -> {
      Thread thread = new Thread(show, "progress");
      thread.setDaemon(true);
      return thread;
    });
    long interval = terminal ? BAR_INTERVAL_MS : LINE_INTERVAL_MS;
    ticker.scheduleAtFixedRate(this::show, interval, interval, TimeUnit.MILLISECONDS);
  }

  /**
   * Begins to show progress.
   *
   * @param task what is being done, in a word or two
   * @param total number of steps; negative if unknown
   */
  static Progress start(String task, long total, PrintStream out) {
    return start(task, 0, total, out);
  }

  /** The same for a task of which {@code first} steps were done before. */
  static Progress start(String task, long first, long total, PrintStream out) {
    return shown = new Progress(task, first, total, isTerminal(), out);
  }

  /** What is being done, as it is called from now on. */
  void task(String words) {
    task = words;
  }

  /** A line of its own, that stays. */
  void say(String line) {
    write(line + System.lineSeparator());
  }

  /** One step done. */
  void step() {
    done.incrementAndGet();
  }

  /** There are so many steps, as it is known now. */
  void total(long steps) {
    total.set(steps);
  }

  /** So many steps done in all. */
  void stepTo(long steps) {
    done.set(steps);
  }

  /** Shows no more of what is shown now, as the process is about to end. */
  static void leave() {
    Progress progress = shown;
    if (progress != null && progress.stop() && progress.terminal) {
      progress.out.println();
    }
  }

  /** Ends it; a last line tells how many steps were done in which time. */
  @Override
  public void close() {
    if (!stop()) {
      return;
    }
    if (done.get() > first) {
      say(line(true));
    } else if (terminal) {
      write("");
    }
  }

  /** Whether it was still running. */
  private synchronized boolean stop() {
    boolean running = !ticker.isShutdown();
    ticker.shutdown();
    try {
      ticker.awaitTermination(1, TimeUnit.SECONDS); // nothing may write over the last line
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return running;
  }

  private void show() {
    String line = line(false);
    write(terminal ? bar(done.get(), total.get(), COLUMNS - line.length()) + line : line + System.lineSeparator());
  }

  private String line(boolean ended) {
    return line(task, first, done.get(), total.get(), (System.nanoTime() - started) / 1e9, ended);
  }

  private void write(String text) {
    out.print(terminal ? "\r\033[K" + text : text); // back to the start of the line, and clear it
    out.flush();
  }

  static String bar(long done, long total, int room) {
    int width = Math.min(BAR_WIDTH, room - "[] ".length());
    if (width < 1) {
      return "";
    }
    int filled = total <= 0 ? 0 : (int) Math.min(width, width * done / total);
    return "[" + "=".repeat(filled) + " ".repeat(width - filled) + "] ";
  }

  static String line(String task, long first, long done, long total, double seconds, boolean ended) {
    String line = String.format(Locale.ROOT, total > 0 ? "%s %,d of %,d" : "%s %,d", task, done, total);
    if (done <= first || seconds <= 0) {
      return line;
    }
    double rate = (done - first) / seconds;
    line += String.format(Locale.ROOT, rate < 10 ? ", %.1f/s" : ", %,.0f/s", rate);
    return ended ? line + ", took " + time(seconds) : total > done ? line + ", " + time((total - done) / rate) + " left" : line;
  }

  static String time(double seconds) {
    long whole = Math.round(seconds);
    return whole < 3600 ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }

  /** From Java 22 on there is a console without a terminal too; {@code Console.isTerminal} then tells. */
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null || "dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }
}
