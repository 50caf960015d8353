package io.accrete.vectors;

import java.util.List;

/**
 * What became of one file of golden vectors.
 *
 * @param file its name, relative to the folder
 * @param maxError largest error of any case, in the unit in which the file compares; NaN if it was not run
 * @param failures one sentence for each case outside its tolerance; empty if all are inside
 * @param notRun why the file was not run, or null
 */
public record VectorResult(String file, double maxError, List<String> failures, String notRun) {
  public VectorResult {
    failures = List.copyOf(failures);
  }

  /** Whether no case is outside its tolerance; also true of files that were not run. */
  public boolean passed() {
    return failures.isEmpty();
  }

  /** A file that was not run, and why. */
  public static VectorResult notRun(String file, String reason) {
    return new VectorResult(file, Double.NaN, List.of(), reason);
  }
}
