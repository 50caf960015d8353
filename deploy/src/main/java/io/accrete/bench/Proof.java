package io.accrete.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is published under a version against what must be, when all events are folded.
 *
 * @param version the model version
 * @param objects that were sent
 * @param images that were sent
 * @param missing objects whose newest embedding is not there, or does not hold all their images
 * @param mixed embeddings of another version in the version's topic
 * @param duplicates embeddings whose object and sequence were in the topic before
 * @param largestDifference of a component of an object's newest embedding from folding its images from nothing with the plain model
 */
public record Proof(String version, int objects, long images, int missing, int mixed, int duplicates, double largestDifference) {
  /** Largest difference with which embeddings are equal. */
  public static final double TOLERANCE = 1e-6;

  /** Whether nothing is wrong. */
  @JsonProperty
  public boolean holds() {
    return problems().isEmpty();
  }

  List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (missing > 0) {
      problems.add("%,d of %,d objects have no embedding that holds all their images".formatted(missing, objects));
    }
    if (mixed > 0) {
      problems.add("%,d embeddings of another version are among them".formatted(mixed));
    }
    if (duplicates > 0) {
      problems.add("%,d embeddings were published twice".formatted(duplicates));
    }
    if (!(largestDifference <= TOLERANCE)) {
      problems.add(String.format(Locale.ROOT, "an embedding is %.2e from folding its images from nothing, expected at most %.0e",
          largestDifference, TOLERANCE));
    }
    return problems.stream().map(problem -> version + ": " + problem + ".").toList();
  }
}
