package io.accrete.topics;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * One topic as it is to be created.
 *
 * @param replication replication factor; -1: the brokers' default
 * @param configs settings that differ from the brokers' defaults
 */
public record Topic(String name, int partitions, int replication, Map<String, String> configs) {
  public Topic {
    configs = Map.copyOf(configs);
  }

  NewTopic asNew() {
    Optional<Short> factor = replication == -1 ? Optional.empty() : Optional.of((short) replication);
    return new NewTopic(name, Optional.of(partitions), factor).configs(configs);
  }
}
