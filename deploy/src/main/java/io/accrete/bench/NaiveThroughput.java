package io.accrete.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What encoding ahead gains.
 *
 * @param threads stream threads
 * @param rounds with the model's encoder
 * @param deviceMillis time of the simulated accelerator for a batch, of one image too
 * @param simulated with that accelerator
 */
public record NaiveThroughput(int threads, List<Comparison> rounds, long deviceMillis, Comparison simulated) {
  /**
   * The same topology in both ways.
   *
   * @param aheadImages events encoded ahead, in batches
   * @param aheadImagesPerSecond of these
   * @param meanBatch their mean batch
   * @param naiveImages events encoded one at a time when their turn comes
   * @param naiveImagesPerSecond of these
   */
  public record Comparison(int aheadImages, double aheadImagesPerSecond, double meanBatch, int naiveImages, double naiveImagesPerSecond) {
    /** How much faster it is to encode ahead. */
    @JsonProperty
    public double ratio() {
      return aheadImagesPerSecond / naiveImagesPerSecond;
    }
  }

  /** The round with the model's encoder whose ratio is the median; of an even number the lower one. */
  @JsonProperty
  public Comparison real() {
    return Rounds.median(rounds, Comparison::ratio);
  }
}
