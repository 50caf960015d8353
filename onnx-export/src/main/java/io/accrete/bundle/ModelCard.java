package io.accrete.bundle;

import io.accrete.bundle.Manifest.Shapes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The {@code README.md} of a bundle. */
final class ModelCard {
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
      card.append("\n## Scores on held-back objects\n\n| | |\n|---|---|\n");
      new TreeMap<>(draft.metrics()).forEach((key, value) -> row(card, key, String.format(Locale.ROOT, "%.4f", value)));
    }
    card.append("\n## Check\n\n`accrete models verify` recomputes the files in `golden/` and prints the largest error.\n");
    Files.writeString(file, card);
  }

  private static void row(StringBuilder card, String name, String value) {
    card.append("| ").append(name).append(" | ").append(value.replace("|", "\\|").replace('\n', ' ')).append(" |\n");
  }
}
