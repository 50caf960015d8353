package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ImageEvent;
import io.accrete.events.ObjectEmbedding;
import io.accrete.local.Instance;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole application publishes the same, bit for bit, whether it encodes ahead or not, however many threads and batches, and restarts. */
class EncodeAheadTest {
  private static final int EVENTS = 150;
  private static final int RESTARTS = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Pattern HITS = Pattern.compile("accrete_ahead_images_total\\{outcome=\"hit\"} ([0-9.E]+)");

  @TempDir private Path dir;
  private final long seed = new Random().nextLong();
  private final long began = System.currentTimeMillis(); // of both runs; events of long ago would be deleted
  private double hits; // of the last instance

  @Test
  @Timeout(300)
  void shouldPublishTheSameWhetherItEncodesAheadOrNot() throws Exception {
    System.out.println("EncodeAheadTest seed " + seed);
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 1);
    var alone = published(bundle, "alone", Map.of(ConfigKeys.AHEAD_BYTES, "0", ConfigKeys.STREAM_THREADS, "1"), 0);
    assertThat(hits).isZero();
    assertThat(alone).isNotEmpty();
    assertThat(published(bundle, "full-batches", Map.of(ConfigKeys.AHEAD_BATCH, "64", ConfigKeys.STREAM_THREADS, "1"), RESTARTS))
        .isEqualTo(alone);
    assertThat(hits).as("images that were encoded ahead").isPositive();
    assertThat(published(bundle, "four-threads", Map.of(ConfigKeys.AHEAD_BATCH, "64", ConfigKeys.STREAM_THREADS, "4"), RESTARTS))
        .isEqualTo(alone);
    assertThat(published(bundle, "small-batches", Map.of(ConfigKeys.AHEAD_BATCH, "1", ConfigKeys.STREAM_THREADS, "4"), 0)).isEqualTo(alone);
  }

  /** What was published of each object, in order, by an application that is stopped as soon as it runs, so many times. */
  private Map<String, List<Optional<ObjectEmbedding>>> published(Bundle bundle, String name, Map<String, String> settings, int restarts)
      throws Exception {
    try (LocalCluster cluster = LocalCluster.open(dir.resolve(name), Runs.config(bundle, withPartitions(settings)), Ports.ANY)) {
      try (Admin admin = Admin.create(cluster.config().kafkaClient())) {
        new Topics(cluster.config()).create(admin);
      }
      RandomEvents events = new RandomEvents(seed);
      for (int restart = 0; restart < restarts; restart++) {
        send(cluster.config(), events, restart * EVENTS / (restarts + 1), (restart + 1) * EVENTS / (restarts + 1));
        try (Instance app = cluster.serve(bundle)) {
          app.awaitRunning(PATIENCE);
        }
      }
      send(cluster.config(), events, restarts * EVENTS / (restarts + 1), EVENTS); // some are left for the last one
      Instance app = cluster.serve(bundle);
      try (FoldRun run = new FoldRun(cluster.config(), bundle.version())) {
        run.run(List.of(), app);
      }
      hits = hits(app);
      return Runs.history(cluster.config(), bundle.version()).stream().collect(Collectors.groupingBy(ConsumerRecord::key,
          Collectors.mapping(record -> Optional.ofNullable(record.value()), Collectors.toList())));
    }
  }

  private static Map<String, String> withPartitions(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put(ConfigKeys.TOPIC_PARTITIONS, "4");
    return all;
  }

  private void send(AccreteConfig config, RandomEvents events, int from, int to) throws Exception {
    Map<String, Object> client = config.kafkaClient();
    client.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1); // a busy broker with new topics may refuse what overtakes
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (var producer = new KafkaProducer<>(client, new StringSerializer(), AvroSerdes.<ImageEvent>serializer(config))) {
      for (int i = from; i < to; i++) {
        sent.add(producer.send(new ProducerRecord<>(new Topics(config).imageEvents(), null, began + i, events.object(), events.event())));
      }
    }
    for (Future<RecordMetadata> each : sent) {
      each.get();
    }
  }

  private static double hits(Instance app) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(app.url().resolve("/metrics")).build();
    Matcher metric = HITS.matcher(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
    return metric.find() ? Double.parseDouble(metric.group(1)) : 0;
  }
}
