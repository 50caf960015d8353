package io.accrete.streams.ahead;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.time.Duration;

/**
 * How far an instance encodes ahead.
 *
 * @param bytes that may be held; 0: nothing is encoded ahead
 * @param batch most images of a batch; 0: as the encoder likes it
 * @param waiting how long images that are ready wait for others to share their batch
 */
public record AheadSettings(long bytes, int batch, Duration waiting) {
  /** What the configuration says. */
  public static AheadSettings of(AccreteConfig config) {
    return new AheadSettings(config.getLong(ConfigKeys.AHEAD_BYTES), config.getInt(ConfigKeys.AHEAD_BATCH),
        Duration.ofMillis(config.getInt(ConfigKeys.AHEAD_WAIT)));
  }
}
