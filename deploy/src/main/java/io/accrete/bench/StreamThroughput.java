package io.accrete.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * How fast the app is beside its bare encoder.
 *
 * @param images events in each round
 * @param threads stream threads
 * @param bareBatch the batch in which the bare encoder is fastest
 * @param bareBatchesAtOnce batches at a time with which it is fastest
 * @param rounds both in turn
 * @param simulated the app with a simulated accelerator that decodes, too
 */
public record StreamThroughput(int images, int threads, int bareBatch, int bareBatchesAtOnce, List<Round> rounds, Simulated simulated) {
  /**
   * The app between two runs of the bare encoder.
   *
   * @param bareImagesPerSecond of the bare encoder in its best batches, photos decoded beside it; a mean of before and after
   * @param imagesPerSecond of the app: through broker, topology, state and output
   * @param meanBatch of the app's encoder
   */
  public record Round(double bareImagesPerSecond, double imagesPerSecond, double meanBatch) {
    /** Of the app to the bare encoder. */
    @JsonProperty
    public double ratio() {
      return imagesPerSecond / bareImagesPerSecond;
    }
  }

  /**
   * The app with an accelerator that takes a fixed time for a batch.
   *
   * @param images events
   * @param photoBytes of a photo, on average
   * @param deviceMillis that time
   * @param busyRatio share of the time in which the accelerator was busy, 0 to 1
   * @param queueMillis how long an image that was ready waited for its batch, on average
   * @param processorMillis that an image took of the processor, with broker, topology, state and output
   */
  public record Simulated(int images, double photoBytes, long deviceMillis, double busyRatio, double meanBatch, double imagesPerSecond,
      double queueMillis, double processorMillis) {
    /** What the accelerator can do in full batches. */
    @JsonProperty
    public double capacity() {
      return SimulatedDevice.BATCH * 1000.0 / deviceMillis;
    }

    /** Cores that all this would take at the accelerator's capacity. */
    @JsonProperty
    public double coresAtCapacity() {
      return capacity() * processorMillis / 1000;
    }
  }

  private Round median() {
    return Rounds.median(rounds, Round::ratio);
  }

  /** The median. */
  @JsonProperty
  public double ratioToBareEncoder() {
    return median().ratio();
  }

  /** Of the bare encoder in the median round. */
  @JsonProperty
  public double bareImagesPerSecond() {
    return median().bareImagesPerSecond();
  }

  /** Of the app in the median round. */
  @JsonProperty
  public double imagesPerSecond() {
    return median().imagesPerSecond();
  }

  /** Of the app's encoder in the median round. */
  @JsonProperty
  public double meanBatch() {
    return median().meanBatch();
  }
}
