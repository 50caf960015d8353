package io.accrete.streams.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceMetricsTest {
  @TempDir private Path state;

  @Test
  void shouldExposeTheJvmTheProcessAndKafkaStreams() {
    Properties properties = new Properties();
    properties.put("application.id", "test");
    properties.put("bootstrap.servers", "127.0.0.1:1");
    properties.put("state.dir", state.toString());
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream("in").to("out");
    PrometheusMeterRegistry registry = InstanceMetrics.registry();

    KafkaStreams streams = new KafkaStreams(builder.build(), properties);
    InstanceMetrics metrics = InstanceMetrics.bind(registry, streams);
    try (streams; metrics) {
      String scraped = registry.scrape();

      assertThat(scraped).contains("jvm_memory_used_bytes{", "jvm_gc_", "jvm_threads_live_threads ", "process_cpu_usage ",
          "process_uptime_seconds ",
          "kafka_stream_", "kafka_consumer_", "kafka_admin_client_");
      assertThat(registry.getMeters()).extracting(Meter::getId).filteredOn(id -> id.getName().startsWith("kafka."))
          .allSatisfy(id -> assertThat(id.getTags()).extracting(Tag::getKey).doesNotContain("node.id", "partition"));
    }
  }

  @Test
  void shouldRefuseSeriesThatGrowWithBrokersAndPartitions() {
    PrometheusMeterRegistry registry = InstanceMetrics.registry();

    registry.counter("kafka.consumer.fetch.total", "partition", "7");
    registry.counter("kafka.consumer.node.request.total", "node.id", "node-1");
    registry.counter("kafka.consumer.fetch.manager.bytes.total", "client.id", "a");
    registry.counter("accrete.events", "outcome", "added");

    assertThat(registry.getMeters()).extracting(meter -> meter.getId().getName())
        .containsExactlyInAnyOrder("kafka.consumer.fetch.manager.bytes.total", "accrete.events");
  }
}
