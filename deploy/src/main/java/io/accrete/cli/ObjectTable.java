package io.accrete.cli;

import io.accrete.events.ObjectEmbedding;
import java.io.PrintWriter;
import java.util.Map;
import java.util.stream.Collectors;

/** Objects with their image counts and nearest neighbours, for a person. */
final class ObjectTable {
  private static final int MOST_ROWS = 100;
  private static final int NEIGHBOURS = 2; // a row fits into 80 columns
  private static final int WIDTH = 32;

  private ObjectTable() {}

  static void print(Map<String, ObjectEmbedding> objects, PrintWriter out) {
    int width = Math.min(WIDTH, objects.keySet().stream().mapToInt(String::length).max().orElse(0));
    String row = "%-" + Math.max(width, 6) + "s  %6s  %s%n";
    out.printf(row, "object", "images", "nearest objects (inner product)");
    objects.entrySet().stream().limit(MOST_ROWS).forEach(object -> out.printf(row,
        shorten(object.getKey()), object.getValue().getImageCount(),
        Neighbours.of(object.getValue().getVector(), objects, NEIGHBOURS, object.getKey()).stream()
            .map(near -> String.format("%s %.3f", shorten(near.objectId()), near.score())).collect(Collectors.joining("  "))));
    if (objects.size() > MOST_ROWS) {
      out.printf("… and %,d more objects.%n", objects.size() - MOST_ROWS);
    }
  }

  private static String shorten(String name) {
    return name.length() <= WIDTH ? name : name.substring(0, WIDTH - 1) + "…";
  }
}
