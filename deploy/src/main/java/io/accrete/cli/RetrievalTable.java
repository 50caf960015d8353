package io.accrete.cli;

import io.accrete.retrieval.Difference;
import io.accrete.retrieval.RetrievalReport;
import io.accrete.retrieval.RetrievalReport.Score;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Retrieval reports for people. */
final class RetrievalTable {
  /** The encoder's and the aggregator's: beside each other they would be too wide for a terminal. */
  private static final List<List<String>> COLUMNS =
      List.of(List.of("single", "maximum", "mean"), List.of("served.single", "states", "aggregated"));

  private RetrievalTable() {}

  static String of(RetrievalReport report) {
    StringBuilder table = new StringBuilder(heading(report)).append(line("%-13s  %-14s  %s", "", "AR@10", "R@1"));
    report.scores().forEach((name, score) -> table.append(line("%-13s  %s  %s", name, ar10(score), r1(score))));
    table.append(line("Aggregated AR@10 less others, on the same draws (+- its standard error)"));
    table.append(line("%-13s  %s", "less mean", difference(report.aggregated(), report.mean())));
    return table.append(line("%-13s  %s", "less states", difference(report.aggregated(), report.states()))).toString();
  }

  /** Several bundles beside each other, by name, on the same draws; the others are compared with the first. */
  static String of(Map<String, RetrievalReport> reports) {
    Map.Entry<String, RetrievalReport> first = reports.entrySet().iterator().next();
    int width = Math.max("AR@10".length(), reports.keySet().stream().mapToInt(String::length).max().getAsInt());
    StringBuilder table = new StringBuilder(heading(first.getValue()));
    block(table, "AR@10", width, reports, RetrievalTable::ar10);
    block(table, "R@1", width, reports, RetrievalTable::r1);
    table.append(line("Aggregated AR@10 less that of %s, on the same draws (+- its standard error)", first.getKey()));
    reports.forEach((name, report) -> {
      if (report != first.getValue()) {
        table.append(line("%-" + width + "s  %s", name, difference(report.aggregated(), first.getValue().aggregated())));
      }
    });
    return table.toString();
  }

  private static void block(StringBuilder table, String title, int width, Map<String, RetrievalReport> reports,
      Function<Score, String> cell) {
    for (List<String> ways : COLUMNS) {
      table.append(row(title, width, ways.stream()));
      reports.forEach((name, report) -> table.append(row(name, width, ways.stream().map(report.scores()::get).map(cell))));
    }
  }

  private static String row(String name, int width, Stream<String> cells) {
    return String.format("%-" + width + "s", name) + cells.map(cell -> String.format("  %-14s", cell)).collect(Collectors.joining())
        .stripTrailing() + System.lineSeparator();
  }

  private static String heading(RetrievalReport report) {
    String foreign = report.foreign() == 0 ? "" : ", " + report.foreign() + " of them foreign";
    return line("%d objects, n = %d images a side%s", report.objects(), report.n(), foreign);
  }

  private static String ar10(Score score) {
    return String.format(Locale.ROOT, "%.3f +- %.3f", score.ar10(), score.ar10Std());
  }

  private static String difference(Score score, Score other) {
    Difference difference = score.minus(other);
    return String.format(Locale.ROOT, "%+.4f +- %.4f", difference.mean(), difference.standardError());
  }

  private static String r1(Score score) {
    return String.format(Locale.ROOT, "%.3f +- %.3f", score.r1(), score.r1Std());
  }

  private static String line(String format, Object... arguments) {
    return String.format(Locale.ROOT, format + "%n", arguments);
  }
}
