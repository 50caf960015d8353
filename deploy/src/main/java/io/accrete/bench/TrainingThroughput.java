package io.accrete.bench;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How fast the training loop is beside the plainest code of the same step. Times are medians.
 *
 * @param batch photos in a batch
 * @param size pixels per side
 * @param precision of products and convolutions
 * @param steps of each kind that were timed
 * @param data whether our steps took their batches from the data pipeline
 * @param secondsPerStep of the training loop
 * @param plainSecondsPerStep of the plain step
 * @param processorSecondsPerStep processor time of the training loop, all threads together: on a busy machine the clock tells of others
 *     too
 * @param plainProcessorSecondsPerStep the same of the plain step
 * @param loopSecondsPerStep of the loop alone with its data, on average
 * @param idle share of that time in which it waited for data, 0 to 1
 */
public record TrainingThroughput(
    int batch, int size, String precision, int steps, boolean data, double secondsPerStep, double plainSecondsPerStep,
    double processorSecondsPerStep, double plainProcessorSecondsPerStep, double loopSecondsPerStep, double idle) {

  /** Photos a second in the training loop. */
  @JsonProperty
  public double imagesPerSecond() {
    return batch / secondsPerStep;
  }

  /** Photos a second in the plain code. */
  @JsonProperty
  public double plainImagesPerSecond() {
    return batch / plainSecondsPerStep;
  }

  /** Our rate by the plain one's: 1 is as fast, more is faster. */
  @JsonProperty
  public double ratio() {
    return plainSecondsPerStep / secondsPerStep;
  }

  /** The same in processor time. */
  @JsonProperty
  public double processorRatio() {
    return plainProcessorSecondsPerStep / processorSecondsPerStep;
  }

  /** Photos a second in the loop alone, with its data. */
  @JsonProperty
  public double loopImagesPerSecond() {
    return batch / loopSecondsPerStep;
  }
}
