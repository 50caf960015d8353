package io.accrete.bench;

import io.accrete.bench.ProcessorTime.Task;
import io.accrete.bundle.Bundle;
import io.accrete.runtime.Device;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** How fast two encoders are beside each other, in turn, in one thread each; both take images of one size. */
public final class EncoderSpeed {
  private static final int BATCH = 16;
  private static final long WARM_UP_MILLIS = 1_000;
  private static final long PART_MILLIS = 500;

  private EncoderSpeed() {}

  /** The second's rate by the first's, the median of so many rounds: 1 is as fast, more is faster. */
  public static double ratio(Bundle first, Bundle second, int rounds) throws Exception {
    if (rounds < 1) {
      throw new IllegalArgumentException("Expected at least 1 round, found " + rounds + ".");
    }
    RuntimeOptions oneThread = new RuntimeOptions(Device.CPU, 1);
    try (Model one = Model.load(first, oneThread); Model other = Model.load(second, oneThread)) {
      Random random = new Random(1);
      List<byte[]> batch = Stream.generate(() -> new byte[one.pixelBytes()]).limit(BATCH).peek(random::nextBytes).toList();
      double[] millis = ProcessorTime.millis(
          List.<Task>of(() -> one.encode(batch), () -> other.encode(batch)), rounds, WARM_UP_MILLIS, PART_MILLIS, () -> { });
      return millis[0] / millis[1];
    }
  }
}
