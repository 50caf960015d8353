package io.accrete.bench;

/**
 * How fast the app is beside its bare encoder.
 *
 * @param images events in each run
 * @param threads stream threads
 * @param bareBatch the batch in which the bare encoder is fastest
 * @param bareBatchesAtOnce batches at a time with which it is fastest
 * @param bareImagesPerSecond of the bare encoder with those, photos decoded beside it
 * @param ratioToBareEncoder the app's rate by that one
 * @param imagesPerSecond through broker, topology, state and output
 * @param meanBatch of the app's encoder
 * @param simulated the same with a simulated accelerator that decodes, too
 */
public record StreamThroughput(int images, int threads, int bareBatch, int bareBatchesAtOnce, double bareImagesPerSecond,
    double ratioToBareEncoder, double imagesPerSecond, double meanBatch, Simulated simulated) {
  /**
   * The app with an accelerator that takes a fixed time for a batch.
   *
   * @param images events
   * @param photoBytes of a photo, on average
   * @param deviceMillis that time
   * @param busyRatio share of the time in which the accelerator was busy, 0 to 1
   * @param queueMillis how long an image that was ready waited for its batch, on average
   */
  public record Simulated(int images, double photoBytes, long deviceMillis, double busyRatio, double meanBatch, double imagesPerSecond,
      double queueMillis) {}
}
