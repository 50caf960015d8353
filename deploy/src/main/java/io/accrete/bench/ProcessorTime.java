package io.accrete.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Processor time of tasks that run in the calling thread: on a busy machine the clock tells of others too. Tasks are measured in turn, so
 * that what changes meanwhile changes all of them.
 */
final class ProcessorTime {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private ProcessorTime() {}

  /** What is measured; one run of it. */
  @FunctionalInterface
  interface Task {
    void run() throws Exception;
  }

  /**
   * Milliseconds that a run of each takes, medians over the rounds.
   *
   * @param warmUp how long each runs before anything counts
   * @param part how long each runs in a round, at least once
   */
  static double[] millis(List<Task> tasks, int rounds, long warmUp, long part, Runnable done) throws Exception {
    for (Task task : tasks) {
      millis(task, warmUp);
      done.run();
    }
    double[][] found = new double[tasks.size()][rounds];
    for (int round = 0; round < rounds; round++) {
      for (int task = 0; task < found.length; task++) {
        found[task][round] = millis(tasks.get(task), part);
        done.run();
      }
    }
    return Arrays.stream(found).mapToDouble(ProcessorTime::median).toArray();
  }

  private static double millis(Task task, long wanted) throws Exception {
    long start = THREADS.getCurrentThreadCpuTime();
    long spent;
    int runs = 0;
    do {
      task.run();
      runs++;
      spent = THREADS.getCurrentThreadCpuTime() - start;
    } while (spent < TimeUnit.MILLISECONDS.toNanos(wanted));
    return spent / 1e6 / runs;
  }

  private static double median(double[] values) {
    double[] sorted = Arrays.stream(values).sorted().toArray();
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
