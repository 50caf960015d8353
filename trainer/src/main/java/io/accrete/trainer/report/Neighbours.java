package io.accrete.trainer.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What is nearest to a held-back object, for a contact sheet.
 *
 * @param object id of the object that was looked for
 * @param photo one of the photos it was looked for with, encoded
 * @param before the nearest objects of the gallery by the model that training began with, or that serves; nearest first
 * @param after the nearest by the trained model
 */
public record Neighbours(String object, byte[] photo, List<Found> before, List<Found> after) {
  /** Name of the file in a run's directory. */
  static final String FILE = "neighbours.json";

  private static final JsonMapper JSON = new JsonMapper();

  /**
   * An object of the gallery.
   *
   * @param photo one of its photos, encoded
   */
  public record Found(String object, byte[] photo) {
    private Found small() {
      return new Found(object, Thumbnail.of(photo));
    }
  }

  public Neighbours {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  /** Whether one of them is the object that was looked for. */
  boolean right(Found found) {
    return found.object.equals(object);
  }

  /**
   * Writes the contact sheet of a run for its next report, in place of the one before. Photos are kept as thumbnails; one that cannot be
   * decoded is left blank.
   *
   * @throws UncheckedIOException if it cannot be written; the one before is then kept
   */
  public static void write(Path runDirectory, List<Neighbours> sheet) {
    try {
      WholeFile.write(runDirectory.resolve(FILE), JSON.writeValueAsBytes(sheet.stream().map(Neighbours::small).toList()));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Neighbours small() {
    return new Neighbours(object, Thumbnail.of(photo), before.stream().map(Found::small).toList(),
        after.stream().map(Found::small).toList());
  }

  /** The contact sheet of a run; empty if there is none. */
  static List<Neighbours> read(Path runDirectory) {
    Path file = runDirectory.resolve(FILE);
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      return List.of(JSON.readValue(file.toFile(), Neighbours[].class));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file + ": " + e.getMessage() + ". Delete it to have a report without neighbours.", e);
    }
  }
}
