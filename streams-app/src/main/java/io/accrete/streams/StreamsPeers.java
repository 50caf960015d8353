package io.accrete.streams;

import io.accrete.streams.http.Peer;
import io.accrete.streams.http.Peers;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;

/** The instances as Kafka Streams knows them: those that have told an {@code application.server}. */
final class StreamsPeers implements Peers {
  private final KafkaStreams streams;
  private final String server;
  private final String eventsTopic;
  private final int partitions;

  /**
   * The peers of an instance.
   *
   * @param server its own address; empty: the others do not know one
   */
  StreamsPeers(KafkaStreams streams, String server, String eventsTopic, int partitions) {
    this.streams = streams;
    this.server = server;
    this.eventsTopic = eventsTopic;
    this.partitions = partitions;
  }

  @Override
  public Optional<Peer> owner(String objectId) {
    int partition = partition(objectId);
    Peer self = self();
    return self.partitions().contains(partition) ? Optional.of(self)
        : others().stream().filter(peer -> peer.partitions().contains(partition)).findFirst();
  }

  @Override
  public Peer self() {
    return new Peer(server, true, localPartitions());
  }

  @Override
  public List<Peer> others() {
    return clients().stream().map(client -> new Peer(address(client.hostInfo()), false, events(client.topicPartitions())))
        .filter(peer -> !peer.address().equals(server)).sorted(Comparator.comparing(Peer::address)).toList();
  }

  private Collection<StreamsMetadata> clients() {
    try {
      return streams.metadataForAllStreamsClients().stream().filter(client -> !client.hostInfo().equals(HostInfo.unavailable())).toList();
    } catch (InvalidStateStoreException | IllegalStateException notRunning) {
      return List.of();
    }
  }

  private static String address(HostInfo host) {
    return (host.host().contains(":") ? "[" + host.host() + "]" : host.host()) + ":" + host.port();
  }

  @Override
  public Set<Integer> localPartitions() {
    return streams.metadataForLocalThreads().stream().flatMap(thread -> thread.activeTasks().stream())
        .flatMap(task -> events(task.topicPartitions()).stream()).collect(Collectors.toUnmodifiableSet());
  }

  private Set<Integer> events(Set<TopicPartition> assigned) {
    return assigned.stream().filter(partition -> partition.topic().equals(eventsTopic)).map(TopicPartition::partition)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public int partitions() {
    return partitions;
  }

  @Override
  public int partition(String objectId) {
    return Utils.toPositive(Utils.murmur2(objectId.getBytes(StandardCharsets.UTF_8))) % partitions;
  }
}
