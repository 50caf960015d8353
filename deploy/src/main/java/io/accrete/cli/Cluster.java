package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What the commands ask of a Kafka cluster, with errors for people. */
final class Cluster implements AutoCloseable {
  private static final int TIMEOUT_MS = 15_000;

  private final AccreteConfig config;
  private final Admin admin;

  private Cluster(AccreteConfig config, Admin admin) {
    this.config = config;
    this.admin = admin;
  }

  /** Connects; throws with the addresses in the message if no broker answers. */
  static Cluster connect(AccreteConfig config) {
    Map<String, Object> client = config.kafkaClient();
    client.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    client.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    Cluster cluster = new Cluster(config, create(config, client));
    try {
      cluster.await(cluster.admin.describeCluster().clusterId());
      return cluster;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private static Admin create(AccreteConfig config, Map<String, Object> client) {
    try {
      return Admin.create(client);
    } catch (KafkaException e) {
      throw new IllegalStateException("Cannot connect to Kafka at " + brokers(config) + ": "
          + Errors.message(e.getCause() == null ? e : e.getCause()) + ". Check " + ConfigKeys.BOOTSTRAP_SERVERS
          + " and the kafka.* settings.", e);
    }
  }

  Admin admin() {
    return admin;
  }

  /** The topic, which must exist. */
  TopicDescription topic(String name) {
    try {
      return await(admin.describeTopics(List.of(name)).topicNameValues().get(name));
    } catch (UnknownTopicOrPartitionException e) {
      throw new IllegalStateException("There is no topic '" + name + "' at " + brokers(config)
          + ". 'accrete topics create' creates it; so does the first start of 'accrete serve'.", e);
    }
  }

  /** The partitions of a topic, which must exist. */
  List<TopicPartition> partitions(String topic) {
    return topic(topic).partitions().stream().map(info -> new TopicPartition(topic, info.partition())).toList();
  }

  /** Where the records of these partitions begin or end, those of open transactions included. */
  Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec which) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    partitions.forEach(partition -> asked.put(partition, which));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    await(admin.listOffsets(asked).all()).forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
  }

  /** The result, or its error as an unchecked exception for people. */
  <T> T await(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TimeoutException) {
        throw new IllegalStateException("No Kafka broker answers at " + brokers(config) + " within " + TIMEOUT_MS / 1000
            + " s. Check " + ConfigKeys.BOOTSTRAP_SERVERS + " (--config FILE or -c " + ConfigKeys.BOOTSTRAP_SERVERS + "=host:port).", e);
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted.", e);
    }
  }

  private static String brokers(AccreteConfig config) {
    return String.join(",", config.getList(ConfigKeys.BOOTSTRAP_SERVERS));
  }

  @Override
  public void close() {
    admin.close();
  }
}
