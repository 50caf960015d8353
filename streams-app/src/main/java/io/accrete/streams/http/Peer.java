package io.accrete.streams.http;

import java.util.Set;

/**
 * An instance of the application, as the consumer group knows it.
 *
 * @param address host:port under which the others reach its HTTP API ({@code application.server})
 * @param self whether it is this one
 * @param partitions of the image events that it has
 */
public record Peer(String address, boolean self, Set<Integer> partitions) {
  /** Copies the partitions. */
  public Peer {
    partitions = Set.copyOf(partitions);
  }
}
