package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole application that is restarted among events of every kind publishes the same, whether it encodes ahead or not. */
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
    var inline = published(bundle, "inline", Map.of(ConfigKeys.AHEAD_BYTES, "0"), 0);
    assertThat(hits).isZero();
    var ahead = published(bundle, "ahead", Map.of(ConfigKeys.STREAM_THREADS, "2"), RESTARTS);
    assertThat(hits).as("images that were encoded ahead").isPositive();

    assertThat(ahead.keySet()).isEqualTo(inline.keySet()).isNotEmpty();
    inline.forEach((object, changes) -> {
      assertThat(ahead.get(object)).as(object).hasSameSizeAs(changes);
      for (int i = 0; i < changes.size(); i++) {
        check(object, ahead.get(object).get(i).value(), changes.get(i).value());
      }
    });
  }

  private static void check(String object, ObjectEmbedding found, ObjectEmbedding expected) {
    if (found == null || expected == null) {
      assertThat(found).as(object).isEqualTo(expected);
      return;
    }
    assertThat(withoutVector(found)).as(object).isEqualTo(withoutVector(expected));
    assertThat(found.getVector()).as(object).hasSameSizeAs(expected.getVector());
    for (int i = 0; i < expected.getVector().size(); i++) {
      assertThat(found.getVector().get(i)).as(object).isCloseTo(expected.getVector().get(i), within(1e-6f));
    }
  }

  private static ObjectEmbedding withoutVector(ObjectEmbedding embedding) {
    return ObjectEmbedding.newBuilder(embedding).setVector(List.of()).build();
  }

  /** What was published of each object, in order, by an application that is stopped as soon as it runs, so many times. */
  private Map<String, List<ConsumerRecord<String, ObjectEmbedding>>> published(Bundle bundle, String name, Map<String, String> settings,
      int restarts) throws Exception {
    try (LocalCluster cluster = LocalCluster.open(dir.resolve(name), Runs.config(bundle, settings), Ports.ANY)) {
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
      return Runs.history(cluster.config(), bundle.version()).stream().collect(Collectors.groupingBy(ConsumerRecord::key));
    }
  }

  private void send(AccreteConfig config, RandomEvents events, int from, int to) throws Exception {
    try (var producer = new KafkaProducer<>(config.kafkaClient(), new StringSerializer(), AvroSerdes.<ImageEvent>serializer(config))) {
      for (int i = from; i < to; i++) {
        producer.send(new ProducerRecord<>(new Topics(config).imageEvents(), null, began + i, events.object(), events.event()));
      }
    }
  }

  private static double hits(Instance app) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(app.url().resolve("/metrics")).build();
    Matcher metric = HITS.matcher(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
    return metric.find() ? Double.parseDouble(metric.group(1)) : 0;
  }
}
