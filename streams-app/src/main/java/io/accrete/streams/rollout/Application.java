package io.accrete.streams.rollout;

import java.util.Set;

/**
 * What the brokers know of the application.
 *
 * @param instances ids of the instances in its consumer group
 * @param hasHistory whether it has worked on image events before, so that there may be objects
 * @param withTopic those model versions whose rollout has ended, and of which there is an embeddings topic: something is left to remove
 */
public record Application(Set<String> instances, boolean hasHistory, Set<String> withTopic) {
  public Application {
    instances = Set.copyOf(instances);
    withTopic = Set.copyOf(withTopic);
  }
}
