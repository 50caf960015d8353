package io.accrete.streams.rollout;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.time.Duration;

/**
 * What decides about rollouts beside what is known of them.
 *
 * @param configured the version that the first start of an application begins with
 * @param automatic whether the newest published version is rolled out by itself
 * @param warmingTimeout longest time until every instance is ready
 * @param maxUnreadable largest share of unreadable objects with which a version becomes active, 0 to 1
 * @param draining how long a version is kept for a rollback
 * @param partitions partitions of the image events
 */
public record RolloutSettings(String configured, boolean automatic, Duration warmingTimeout, double maxUnreadable, Duration draining,
    int partitions) {
  static RolloutSettings of(AccreteConfig config, String configured) {
    return new RolloutSettings(configured,
        config.getString(ConfigKeys.ROLLOUT_ACTIVATION).equals("auto"),
        Duration.ofMillis(config.getLong(ConfigKeys.ROLLOUT_WARMING_TIMEOUT)),
        config.getDouble(ConfigKeys.ROLLOUT_MAX_UNREADABLE),
        Duration.ofMillis(config.getLong(ConfigKeys.ROLLOUT_DRAINING)),
        config.getInt(ConfigKeys.TOPIC_PARTITIONS));
  }
}
