package io.accrete.streams.http;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who of the application's instances has what, as the consumer group told this one last. It may be behind: an instance that was killed is
 * in it until its session ends, and partitions may have moved on. So whoever is asked answers from its own partitions only, and says when
 * it has not the one that is meant. Implementations are safe for use by several threads at once. Asking is done by {@link PeerClient}.
 */
public interface Peers {
  /** The instance that has an object's partition, this one or another; empty: nobody is known to have it now, which passes. */
  Optional<Peer> owner(String objectId);

  /** This instance; its address is empty where it has told the others none. */
  Peer self();

  /** The other instances that are known, in the order of their addresses. */
  List<Peer> others();

  /** Partitions of the image events that this instance has; their state may still be being restored. */
  Set<Integer> localPartitions();

  /** How many partitions the image events have; in which one an object is, its id's hash decides, as in Kafka's own producers. */
  int partitions();

  /** The partition of an object. */
  int partition(String objectId);
}
