package io.accrete.streams.ahead;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.time.Duration;

/**
 * How far and with what an instance encodes ahead.
 *
 * @param bytes that may be held; 0: nothing is encoded ahead
 * @param batch most images of a batch; 0: as the encoder likes it
 * @param waiting how long images that are ready wait for others to share their batch
 * @param decoders threads that decode
 * @param fetchers threads that fetch content by reference
 */
public record AheadSettings(long bytes, int batch, Duration waiting, int decoders, int fetchers) {
  /** What the configuration says, and the machine where that is silent. */
  public static AheadSettings of(AccreteConfig config) {
    int decoders = config.getInt(ConfigKeys.AHEAD_DECODERS);
    return new AheadSettings(config.getLong(ConfigKeys.AHEAD_BYTES), config.getInt(ConfigKeys.AHEAD_BATCH),
        Duration.ofMillis(config.getInt(ConfigKeys.AHEAD_WAIT)),
        decoders == 0 ? Runtime.getRuntime().availableProcessors() : decoders, config.getInt(ConfigKeys.AHEAD_FETCHERS));
  }

  /** Whether anything is encoded ahead. */
  public boolean isOn() {
    return bytes > 0;
  }
}
