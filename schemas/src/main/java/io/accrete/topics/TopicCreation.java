package io.accrete.topics;

import io.accrete.config.ConfigKeys;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates what is missing and checks what is there. */
final class TopicCreation {
  private static final int ATTEMPTS = 20;
  private static final long PAUSE_MILLIS = 100;

  private final Admin admin;

  TopicCreation(Admin admin) {
    this.admin = admin;
  }

  void create(Collection<Topic> topics) {
    Map<String, KafkaFuture<Void>> results = admin.createTopics(topics.stream().map(Topic::asNew).toList()).values();
    List<Topic> created = new ArrayList<>();
    for (Topic topic : topics) {
      try {
        results.get(topic.name()).get();
        created.add(topic);
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw new TopicException("Topic '" + topic.name() + "' cannot be created: " + e.getCause().getMessage()
              + advice(e.getCause()), e.getCause());
        }
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
    }
    topics.forEach(this::check);
    awaitLeaders(created);
  }

  /**
   * Until every partition answers. What a producer sends before may be lost, however careful it is: where its first request comes too early
   * and its second does not, the broker takes the second and refuses the first for good (KAFKA-15591).
   */
  private void awaitLeaders(List<Topic> created) {
    Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
    created.forEach(topic -> IntStream.range(0, topic.partitions())
        .forEach(partition -> partitions.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest())));
    try {
      admin.listOffsets(partitions).all().get();
    } catch (ExecutionException e) {
      throw new TopicException("The topics were created, but not all can be used: " + e.getCause().getMessage() + advice(e.getCause()),
          e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private void check(Topic topic) {
    int found = describe(topic.name()).partitions().size();
    if (found != topic.partitions()) {
      String remedy = topic.partitions() == 1
          ? "It must have exactly 1: delete it and create it again, or configure another name."
          : "Set " + ConfigKeys.TOPIC_PARTITIONS + "=" + found + ", or configure another name for the topic.";
      throw new TopicException("Topic '" + topic.name() + "' exists with " + found + " partitions; expected " + topic.partitions() + ". "
          + remedy, null);
    }
  }

  /** The broker that answers may not have heard yet of a topic created a moment ago. */
  private TopicDescription describe(String name) {
    for (int attempt = 1; ; attempt++) {
      try {
        return admin.describeTopics(List.of(name)).topicNameValues().get(name).get();
      } catch (ExecutionException e) {
        if (attempt == ATTEMPTS || !(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw new TopicException("Topic '" + name + "' cannot be inspected: " + e.getCause().getMessage()
              + advice(e.getCause()), e.getCause());
        }
        pause();
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
    }
  }

  private static String advice(Throwable cause) {
    return cause instanceof RetriableException
        ? " Is Kafka running at the addresses in " + ConfigKeys.BOOTSTRAP_SERVERS + "?"
        : " Check the rights of this client and " + ConfigKeys.TOPIC_REPLICATION + ".";
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
