package io.accrete.cli;

import io.accrete.retrieval.RetrievalReport;
import io.accrete.retrieval.RetrievalReport.Score;
import java.util.Locale;

/** A retrieval report for people. */
final class RetrievalTable {
  private RetrievalTable() {}

  static String of(RetrievalReport report) {
    return String.format(Locale.ROOT, "%d objects, n = %d images a side%n%-12s %-15s %s%n",
            report.objects(), report.n(), "", "AR@10", "R@1")
        + row("single", report.single()) + row("maximum", report.maximum())
        + row("mean", report.mean()) + row("aggregated", report.aggregated());
  }

  private static String row(String name, Score score) {
    return String.format(Locale.ROOT, "%-12s %.3f +- %.3f  %.3f +- %.3f%n", name, score.ar10(), score.ar10Std(), score.r1(), score.r1Std());
  }
}
