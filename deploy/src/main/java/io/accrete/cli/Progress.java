package io.accrete.cli;

import java.io.Console;
import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress with rate and time left: a bar on a terminal, elsewhere a line every few seconds. Safe for many threads. */
final class Progress implements AutoCloseable {
  private static final int BAR_INTERVAL_MS = 200;
  private static final int LINE_INTERVAL_MS = 5_000;
  private static final int WIDTH = 100;

  private final ProgressBar bar;

  private Progress(ProgressBar bar) {
    this.bar = bar;
  }

  /**
   * Begins to show progress.
   *
   * @param task what is being done, in a word or two
   * @param total number of steps; negative if unknown
   */
  static Progress start(String task, long total, PrintStream out) {
    boolean terminal = isTerminal();
    return new Progress(new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(total)
        .showSpeed()
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(terminal ? BAR_INTERVAL_MS : LINE_INTERVAL_MS)
        .setConsumer(terminal ? new ConsoleProgressBarConsumer(out, WIDTH) : new DelegatingProgressBarConsumer(out::println, WIDTH))
        .build());
  }

  /** One step done. */
  void step() {
    bar.step();
  }

  /** There are so many steps, as it is known now. */
  void total(long total) {
    bar.maxHint(total);
  }

  /** So many steps done in all. */
  void stepTo(long done) {
    bar.stepTo(done);
  }

  /** What is happening just now, shown beside the numbers. */
  void message(String message) {
    bar.setExtraMessage(message);
  }

  @Override
  public void close() {
    bar.close();
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
