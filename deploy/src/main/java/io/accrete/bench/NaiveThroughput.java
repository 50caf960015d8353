package io.accrete.bench;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What encoding ahead gains.
 *
 * @param threads stream threads
 * @param real with the model's encoder
 * @param deviceMillis time of the simulated accelerator for a batch, of one image too
 * @param simulated with that accelerator
 */
public record NaiveThroughput(int threads, Comparison real, long deviceMillis, Comparison simulated) {
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
}
