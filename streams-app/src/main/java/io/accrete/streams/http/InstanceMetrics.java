package io.accrete.streams.http;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.apache.kafka.streams.KafkaStreams;

/**
 * The meters of an instance besides those of the topology and of the rollouts, by Micrometer's names (dots become underscores in
 * Prometheus).
 *
 * <ul>
 *   <li>{@code jvm.*}: memory, garbage collection, threads and classes
 *   <li>{@code process.*}, {@code system.*}: CPU, open files, uptime
 *   <li>{@code kafka.stream.*}: Kafka Streams' own metrics of its threads and tasks, such as {@code kafka.stream.thread.process.rate}
 *   <li>{@code kafka.consumer.*}, {@code kafka.producer.*}, {@code kafka.admin.client.*}: its clients', such as
 *       {@code kafka.consumer.fetch.manager.records.lag.max}
 * </ul>
 *
 * <p>Tags are bounded: no meter names an object, an image or a broker node, and none of the clients' is for a single partition.
 */
public final class InstanceMetrics implements AutoCloseable {
  private final KafkaStreamsMetrics kafka;
  private final JvmGcMetrics gc;

  private InstanceMetrics(KafkaStreamsMetrics kafka, JvmGcMetrics gc) {
    this.kafka = kafka;
    this.gc = gc;
  }

  /** A registry in Prometheus' format, whose filters keep out the series that clients have for every broker and every partition. */
  public static PrometheusMeterRegistry registry() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry.config().meterFilter(MeterFilter.deny(InstanceMetrics::unbounded));
    return registry;
  }

  private static boolean unbounded(Meter.Id id) {
    return id.getName().startsWith("kafka.") && (id.getTag("node.id") != null || id.getTag("partition") != null);
  }

  /** Binds the meters of the JVM, the process and Kafka Streams; close to unbind those of Kafka, which hold threads. */
  public static InstanceMetrics bind(MeterRegistry registry, KafkaStreams streams) {
    new ClassLoaderMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    JvmGcMetrics gc = new JvmGcMetrics();
    gc.bindTo(registry);
    KafkaStreamsMetrics kafka = new KafkaStreamsMetrics(streams);
    kafka.bindTo(registry);
    return new InstanceMetrics(kafka, gc);
  }

  @Override
  public void close() {
    kafka.close();
    gc.close();
  }
}
