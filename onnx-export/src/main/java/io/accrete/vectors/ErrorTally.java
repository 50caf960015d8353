package io.accrete.vectors;

import java.util.ArrayList;
import java.util.List;

/** Collects the errors of a file's cases. */
public final class ErrorTally {
  private final List<String> failures = new ArrayList<>();
  private int compared;
  private double max;

  /** Counts towards the file's largest error; NaN is always outside the tolerance. */
  public void add(String what, double error, double tolerance) {
    max = Double.isNaN(error) ? error : Math.max(max, error);
    check(what, error, tolerance);
  }

  /** Only has to be inside its tolerance. */
  void check(String what, double error, double tolerance) {
    compared++;
    if (!(error <= tolerance)) {
      failures.add("%s: expected at most %.3g, found %.3g".formatted(what, tolerance, error));
    }
  }

  /** What became of the file; without any case it has failed. */
  public VectorResult result(String file) {
    if (compared == 0) {
      failures.add("expected cases to compare, found none");
    }
    return new VectorResult(file, max, failures, null);
  }
}
