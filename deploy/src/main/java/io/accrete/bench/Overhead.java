package io.accrete.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What the topology itself costs.
 *
 * @param images events of a round
 * @param photoBytes of each
 * @param stateBytes of an object's state in the app, and in the aggregation all that it keeps
 * @param embeddingBytes of a record that is published, in both
 * @param rounds both in turn, over events of their own; one that warmed up is left out
 */
public record Overhead(int images, int photoBytes, int stateBytes, int embeddingBytes, List<Round> rounds) {
  /**
   * Both over the same events.
   *
   * @param plainImagesPerSecond of the smallest Kafka Streams aggregation
   * @param imagesPerSecond of the app, with an encoder and a fold that cost nothing
   */
  public record Round(double plainImagesPerSecond, double imagesPerSecond) {
    /** Of the app to the aggregation. */
    @JsonProperty
    public double ratio() {
      return imagesPerSecond / plainImagesPerSecond;
    }
  }

  /** The round whose ratio is the median; of an even number the lower one. */
  @JsonProperty
  public Round median() {
    return Rounds.median(rounds, Round::ratio);
  }
}
