package io.accrete.bundle;

import io.accrete.bundle.Manifest.Shapes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The {@code README.md} of a bundle. */
final class ModelCard {
  /** Ways to use several images of an object, in the order in which they are told. */
  private static final List<String> METHODS = List.of("single", "maximum", "mean", "served.single", "states", "aggregated");

  private ModelCard() {}

  static void write(Path file, String version, BundleDraft draft, Shapes shapes, Map<String, String> lineage) throws IOException {
    StringBuilder card = new StringBuilder();
    card.append("# ").append(version).append("\n\n").append(draft.description().strip()).append("\n\n## Shapes\n\n| | |\n|---|---|\n");
    row(card, "image", shapes.imageSize() + " × " + shapes.imageSize() + " pixels");
    row(card, "tokens of an image", shapes.tokens() + " × " + shapes.dimension());
    row(card, "state of an object", shapes.stateTokens() + " × " + shapes.dimension());
    row(card, "embedding", shapes.embedding() + ", unit length; compare by inner product, within this version only");
    if (!lineage.isEmpty()) {
      card.append("\n## Lineage\n\n| | |\n|---|---|\n");
      lineage.forEach((key, value) -> row(card, key, value));
    }
    if (!draft.metrics().isEmpty()) {
      card.append("\n## Scores on held-back objects\n\n");
      scores(card, new TreeMap<>(draft.metrics()));
    }
    card.append("\n## Check\n\n`accrete models verify` recomputes the files in `golden/` and prints the largest error.\n");
    Files.writeString(file, card);
  }

  /** Retrieval scores as one table, a row for each way to use several images; what else there is follows by name. */
  private static void scores(StringBuilder card, SortedMap<String, Double> metrics) {
    List<String> methods = METHODS.stream().filter(method -> metrics.containsKey(method + ".ar10")).toList();
    if (!methods.isEmpty()) {
      card.append("| | AR@10 | R@1 |\n|---|---|---|\n");
      methods.forEach(method -> card.append("| ").append(method).append(" | ").append(score(metrics, method + ".ar10")).append(" | ")
          .append(score(metrics, method + ".r1")).append(" |\n"));
      card.append("\nMean ± standard deviation over random draws. single, maximum, mean: the encoder's image embeddings; "
          + "served.single, states (their mean), aggregated: the aggregator's.\n\n");
    }
    if (!metrics.isEmpty()) {
      card.append("| | |\n|---|---|\n");
      metrics.forEach((key, value) -> row(card, key, number(value)));
    }
  }

  private static String score(SortedMap<String, Double> metrics, String key) {
    Double score = metrics.remove(key);
    Double deviation = metrics.remove(key + ".std");
    return score == null ? "" : number(score) + (deviation == null ? "" : " ± " + number(deviation));
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) > 1 ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.4f", value);
  }

  private static void row(StringBuilder card, String name, String value) {
    card.append("| ").append(name).append(" | ").append(value.replace("|", "\\|").replace('\n', ' ')).append(" |\n");
  }
}
