package io.accrete.streams;

import io.accrete.streams.ahead.AheadMetrics;
import io.accrete.streams.http.Health;
import io.accrete.streams.http.InstanceStats;
import io.accrete.streams.topology.TopologyMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;

/** How an instance fares, from its meters; every few seconds it notes those sums of which only the last minute is told. */
final class StreamsStats implements Supplier<InstanceStats>, AutoCloseable {
  private static final String SUBSCRIBERS = "accrete.feed.subscribers";
  private static final int NOTE_SECONDS = 5;
  private static final int NOTES = 60 / NOTE_SECONDS;

  private final MeterRegistry meters;
  private final KafkaStreams streams;
  private final String eventsTopic;
  private final Health health;
  private final LongSupplier objects;
  private final Deque<Sums> notes = new ArrayDeque<>();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
    Thread thread = new Thread(task, "stats");
    thread.setDaemon(true);
    return thread;
  });

  private record Sums(long batches, double images, long queued, double queueSeconds) {}

  StreamsStats(MeterRegistry meters, KafkaStreams streams, String eventsTopic, Health health, LongSupplier objects) {
    this.meters = meters;
    this.streams = streams;
    this.eventsTopic = eventsTopic;
    this.health = health;
    this.objects = objects;
    clock.scheduleAtFixedRate(this::note, 0, NOTE_SECONDS, TimeUnit.SECONDS);
  }

  private synchronized void note() {
    notes.addLast(sums());
    if (notes.size() > NOTES) {
      notes.removeFirst();
    }
  }

  private Sums sums() {
    DistributionSummary batch = meters.find(AheadMetrics.BATCH).summary();
    Timer queue = meters.find(AheadMetrics.QUEUE).timer();
    return new Sums(batch == null ? 0 : batch.count(), batch == null ? 0 : batch.totalAmount(), queue == null ? 0 : queue.count(),
        queue == null ? 0 : queue.totalTime(TimeUnit.SECONDS));
  }

  @Override
  public InstanceStats get() {
    Sums now = sums();
    Sums before = before();
    Timer encoded = meters.find(TopologyMetrics.ENCODE).timer();
    Gauge subscribers = meters.find(SUBSCRIBERS).gauge();
    return new InstanceStats(Instant.now(), events(), encoded == null ? 0 : encoded.count(), lag(),
        mean(now.images() - before.images(), now.batches() - before.batches()),
        mean(now.queueSeconds() - before.queueSeconds(), now.queued() - before.queued()),
        latency(0.5), latency(0.99), health.ready().stream().allMatch(Health.Check::ok), objects.getAsLong(),
        subscribers == null ? 0 : Math.round(subscribers.value()));
  }

  private synchronized Sums before() {
    return notes.isEmpty() ? new Sums(0, 0, 0, 0) : notes.getFirst();
  }

  private static Optional<Double> mean(double sum, long count) {
    return count <= 0 ? Optional.empty() : Optional.of(sum / count);
  }

  private Map<String, Long> events() {
    Map<String, Long> events = new TreeMap<>();
    for (Counter counter : meters.find(TopologyMetrics.EVENTS).counters()) {
      events.put(counter.getId().getTag("outcome"), Math.round(counter.count()));
    }
    return events;
  }

  /** Empty while nothing was processed in the last minute. */
  private Optional<Double> latency(double percentile) {
    Timer latency = meters.find(TopologyMetrics.LATENCY).timer();
    return latency == null ? Optional.empty() : Arrays.stream(latency.takeSnapshot().percentileValues())
        .filter(value -> value.percentile() == percentile).map(ValueAtPercentile::value).filter(nanos -> nanos > 0)
        .map(nanos -> nanos / TimeUnit.MILLISECONDS.toNanos(1)).findFirst();
  }

  /** Kafka's own gauges of each partition; those of Micrometer leave partitions out. */
  private Optional<Long> lag() {
    return streams.metrics().entrySet().stream()
        .filter(metric -> metric.getKey().name().equals("records-lag") && eventsTopic.equals(metric.getKey().tags().get("topic")))
        .map(metric -> metric.getValue().metricValue()).filter(Double.class::isInstance).map(Double.class::cast)
        .filter(Double::isFinite).map(Math::round).max(Long::compare);
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
