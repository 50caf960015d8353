package io.accrete.streams.feed;

import static io.accrete.subscriber.SubscriberCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.streams.feed.StreamClient.Event;
import io.accrete.streams.http.ApiServer;
import io.accrete.streams.http.InstanceMetrics;
import io.accrete.streams.http.StreamRoutes;
import io.accrete.subscriber.EmbeddingListener;
import io.accrete.subscriber.EmbeddingSubscriber;
import io.accrete.subscriber.Position;
import io.accrete.subscriber.Start;
import io.accrete.subscriber.SubscriberCluster;
import io.accrete.subscriber.SubscriberCluster.Writer;
import io.accrete.subscriber.Unreadable;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of the stream of embeddings over HTTP, at a real broker and a real registry. */
@Timeout(60)
class EmbeddingStreamTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Ring.Limits LARGE = new Ring.Limits(4096, 16 << 20);

  @TempDir private static Path dir;
  private static SubscriberCluster cluster;

  private final HttpClient http = HttpClient.newHttpClient();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<AutoCloseable> open = new ArrayList<>();
  private AccreteConfig config;
  private Writer writer;
  private Server server;

  /** The API of an instance, as far as it streams. */
  private static final class Server implements AutoCloseable {
    private final PrometheusMeterRegistry meters = InstanceMetrics.registry();
    private final EmbeddingFeed feed;
    private final ApiServer api;

    Server(AccreteConfig config, Ring.Limits limits, Duration heartbeat, Duration linger) {
      feed = new EmbeddingFeed(config, meters, limits, heartbeat, linger);
      api = ApiServer.start(config, List.of(new StreamRoutes(feed)));
    }

    double meter(String name) {
      return name.equals(EmbeddingFeed.CUT_OFF) ? meters.get(name).counter().count() : meters.get(name).gauge().value();
    }

    @Override
    public void close() {
      feed.close();
      api.close();
    }
  }

  @BeforeAll
  static void startCluster() {
    cluster = new SubscriberCluster(dir);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @BeforeEach
  void start(TestInfo test) {
    String name = test.getTestMethod().orElseThrow().getName() + test.getDisplayName().replaceAll("[^0-9]", "");
    config = cluster.config(name).with(Map.of(ConfigKeys.API_PORT, "0"));
    SubscriberCluster.createTopics(config, "V1", "V2");
    writer = new Writer(config, name);
  }

  @AfterEach
  void stop() throws Exception {
    if (server != null) {
      server.close();
    }
    for (AutoCloseable each : open) {
      each.close();
    }
    writer.close();
    threads.shutdownNow();
  }

  private void serve(Ring.Limits limits, Duration heartbeat) {
    server = new Server(config, limits, heartbeat, LONG);
  }

  private StreamClient open(String query, String after) throws Exception {
    StreamClient client = StreamClient.open(http, server.api.url(), query, after);
    open.add(client);
    return client;
  }

  /** What is in the topic for readers: of each partition the updates in their order. */
  private Map<Integer, List<String>> topic() {
    Map<Integer, List<String>> updates = new TreeMap<>();
    EmbeddingSubscriber[] subscriber = new EmbeddingSubscriber[1];
    EmbeddingListener reader = new EmbeddingListener() {
      @Override
      public void onSpace(String modelVersion, boolean reset) {
        updates.clear();
      }

      @Override
      public void onEmbedding(String objectId, ObjectEmbedding embedding, Position position) {
        updates.computeIfAbsent(position.partition(), partition -> new ArrayList<>()).add(objectId + "=" + embedding.getSequence());
      }

      @Override
      public void onGone(String objectId, Position position) {
        updates.computeIfAbsent(position.partition(), partition -> new ArrayList<>()).add(objectId + " gone");
      }

      @Override
      public void onCaughtUp() {
        subscriber[0].close();
      }
    };
    try (EmbeddingSubscriber all = new EmbeddingSubscriber(config, reader, Start.beginning(), Unreadable.FAIL)) {
      subscriber[0] = all;
      all.run();
    }
    return updates;
  }

  /** The updates among these events, by partition, as {@link #topic} tells them. */
  private static Map<Integer, List<String>> updates(List<Event> events) {
    Map<Integer, List<String>> updates = new TreeMap<>();
    for (Event event : events) {
      if (!event.object().isEmpty()) {
        updates.computeIfAbsent(Writer.partition(event.object()), partition -> new ArrayList<>()).add(event.toString());
      }
    }
    return updates;
  }

  @Test
  void shouldSendEveryUpdateInOrderToAHundredClientsAndCutOffTheOneThatNeverReads() throws Exception {
    writer.flip(null, "V1");
    serve(new Ring.Limits(4096, 1 << 20), LONG);
    List<StreamClient> clients = new ArrayList<>();
    for (int i = 0; i < 99; i++) {
      clients.add(open("", null));
    }
    try (Socket silent = new Socket()) {
      silent.setReceiveBufferSize(4096);
      URI url = server.api.url();
      silent.connect(new InetSocketAddress(url.getHost(), url.getPort()));
      silent.getOutputStream().write("GET /v1/embeddings/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      await(() -> server.meter(EmbeddingFeed.SUBSCRIBERS) == 100);
      await(() -> clients.stream().allMatch(client -> client.has("caught-up")));

      String padding = "x".repeat(4000);
      int[] sequence = {0};
      await(() -> { // no client gets further behind than what the ring holds, but one
        writer.commit(() -> {
          for (int i = 0; i < 50; i++) {
            writer.send("V1", "object " + i % 10, i % 17 == 16 ? null : padding, ++sequence[0]);
          }
        });
        await(() -> clients.stream().allMatch(client -> client.updates() == sequence[0]));
        return server.meter(EmbeddingFeed.CUT_OFF) > 0;
      });
      Map<Integer, List<String>> topic = topic();
      assertThat(clients).allSatisfy(client -> assertThat(updates(client.events())).isEqualTo(topic));
      assertThat(server.meter(EmbeddingFeed.CUT_OFF)).isEqualTo(1);
      await(() -> server.meter(EmbeddingFeed.SUBSCRIBERS) == 99);

      StreamClient late = StreamClient.of(silent.getInputStream(), null); // with the chunks' lengths, which it passes over
      await(late::ended);
      StreamClient again = open("", late.lastId());
      await(() -> late.updates() + again.updates() >= sequence[0]);
      List<Event> both = new ArrayList<>(late.events());
      both.addAll(again.events());
      assertThat(updates(both)).isEqualTo(topic);
      assertThat(again.lines()).startsWith("V1 goes on");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4096})
  void shouldMissNothingAndRepeatNothingOverBreaksFlipsAndRestarts(int ring) throws Exception {
    Ring.Limits limits = new Ring.Limits(ring, 16 << 20);
    writer.flip(null, "V1");
    serve(limits, SECOND);
    AtomicBoolean enough = new AtomicBoolean();
    Future<?> writing = threads.submit(() -> write(enough));
    Random random = new Random(ring);
    String active = "V1";
    List<Event> space = new ArrayList<>();
    List<String> spaces = new ArrayList<>();
    String last = null;
    for (int connection = 0; connection < 12; connection++) {
      if (connection % 4 == 3) {
        String next = active.equals("V1") ? "V2" : "V1";
        synchronized (writer) {
          writer.flip(active, next);
        }
        active = next;
      }
      if (connection == 6) {
        server.close();
        serve(limits, SECOND);
      }
      int most = 1 + random.nextInt(connection % 3 == 0 ? 200 : 20);
      try (StreamClient client = StreamClient.open(http, server.api.url(), "?from=beginning", last)) {
        await(() -> client.updates() >= most || client.ended());
        client.close();
        for (Event event : client.events()) {
          take(event, space, spaces);
        }
        last = client.lastId();
      }
    }
    enough.set(true);
    writing.get();
    Map<Integer, List<String>> topic = topic();
    long all = topic.values().stream().mapToLong(List::size).sum();
    while (!spaces.get(spaces.size() - 1).equals(active + " reset") // the feed may hear of the last flip late
        || space.stream().filter(event -> !event.object().isEmpty()).count() < all) { // in a small ring it is cut off again and again
      try (StreamClient client = StreamClient.open(http, server.api.url(), "?from=beginning", last)) {
        await(() -> client.has("caught-up") || client.ended());
        client.close();
        for (Event event : client.events()) {
          take(event, space, spaces);
        }
        last = client.lastId();
      }
    }
    assertThat(updates(space)).isEqualTo(topic);
    assertThat(spaces).containsExactly("V1 reset", "V2 reset", "V1 reset", "V2 reset");
  }

  private static void take(Event event, List<Event> space, List<String> spaces) {
    if (event.type().equals("space")) {
      if (event.data().path("reset").asBoolean()) {
        space.clear();
        spaces.add(event.toString());
      } else {
        assertThat(spaces).last().isEqualTo(event.data().path("modelVersion").asText() + " reset");
      }
    } else if (event.type().equals("embedding")) {
      assertThat(spaces).last().isEqualTo(event.data().path("modelVersion").asText() + " reset");
    }
    space.add(event);
  }

  /** Every change under both versions, as while both are live; some are taken back. */
  private void write(AtomicBoolean enough) {
    Random random = new Random(1);
    Map<String, Long> sequences = new HashMap<>();
    while (!enough.get()) {
      boolean abort = random.nextInt(4) == 0;
      Runnable sending = () -> {
        for (int i = 0; i < 5; i++) {
          String object = "object " + random.nextInt(20);
          long sequence = abort ? -1 : sequences.merge(object, 1L, Long::sum);
          String image = random.nextInt(9) == 0 ? null : "image";
          writer.send("V1", object, image, sequence);
          writer.send("V2", object, image, sequence);
        }
      };
      synchronized (writer) {
        if (abort) {
          writer.abort(sending);
        } else {
          writer.commit(sending);
        }
      }
    }
  }

  @Test
  void shouldTellAllOfTheNewSpaceToWhoeverIsThereAtAFlip() throws Exception {
    writer.flip(null, "V1");
    writer.commit(() -> List.of("V1", "V2").forEach(version -> writer.send(version, "old", "image", 1)));
    serve(LARGE, LONG);
    StreamClient now = open("", null);
    await(() -> now.has("caught-up"));
    writer.commit(() -> List.of("V1", "V2").forEach(version -> writer.send(version, "new", "image", 1)));
    await(() -> now.has("new=1"));
    writer.flip("V1", "V2");
    await(() -> now.lines().size() == 7);
    writer.commit(() -> List.of("V1", "V2").forEach(version -> writer.send(version, "new", "image", 2)));
    await(() -> now.lines().size() == 8);
    assertThat(now.lines().subList(0, 4)).containsExactly("V1 reset", "caught-up", "new=1", "V2 reset");
    assertThat(now.lines().subList(4, 6)).containsExactlyInAnyOrder("old=1", "new=1");
    assertThat(now.lines().subList(6, 8)).containsExactly("caught-up", "new=2");
  }

  @Test
  void shouldSendWhatIsCommittedAfterTheBeginningThoughItWasWrittenBefore() throws Exception {
    writer.flip(null, "V1");
    serve(LARGE, LONG);
    writer.commit(() -> writer.send("V1", "before", "image", 1));
    StreamClient[] client = new StreamClient[1];
    writer.commit(() -> {
      writer.send("V1", "open", "image", 1);
      writer.flush();
      client[0] = unchecked(() -> open("", null));
      await(() -> client[0].has("caught-up"));
    });
    await(() -> client[0].has("open=1"));
    assertThat(client[0].lines()).containsExactly("V1 reset", "caught-up", "open=1");
  }

  private static <T> T unchecked(Callable<T> action) {
    try {
      return action.call();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldSendOnlyWhatIsWantedAndMoveOnAllTheSame() throws Exception {
    writer.flip(null, "V1");
    serve(LARGE, Duration.ofMillis(100));
    StreamClient some = open("?object=a&object=%C3%A4%2F%26&vectors=false", null);
    StreamClient all = open("", null);
    await(() -> some.has("caught-up") && all.has("caught-up"));
    String began = some.lastId();
    writer.commit(() -> writer.send("V1", "b", "image", 1));
    await(() -> all.has("b=1") && !some.lastId().equals(began)); // by a heartbeat
    String later = some.lastId();
    writer.commit(() -> writer.send("V1", "a", "image", 1), () -> writer.send("V1", "ä/&", "image", 7));
    writer.commit(() -> writer.send("V1", "b", null, 0), () -> writer.send("V1", "a", null, 0));
    await(() -> some.has("a gone") && some.has("ä/&=7") && all.updates() == 5);

    assertThat(some.lines()).hasSize(5).startsWith("V1 reset", "caught-up").containsSubsequence("a=1", "a gone").contains("ä/&=7");
    StreamClient again = open("?object=a", later);
    await(() -> again.has("caught-up") && again.has("a gone"));
    assertThat(again.lines()).containsExactlyInAnyOrder("V1 goes on", "a=1", "a gone", "caught-up").startsWith("V1 goes on");

    JsonNode event = all.events().stream().filter(each -> each.toString().equals("a=1")).findFirst().orElseThrow().data();
    assertThat(event).isEqualTo(new ObjectMapper().readTree("""
        {"objectId": "a", "modelVersion": "V1", "imageCount": 1, "sequence": 1, "lastImageId": "image",
         "updatedAt": "1970-01-01T00:00:00Z", "attributes": {}, "embedding": [1.0, 0.0, 0.0]}"""));
    assertThat(some.events()).noneMatch(each -> each.data().has("embedding"));
    assertThat(some.events()).filteredOn(each -> each.type().equals("gone")).first()
        .satisfies(each -> assertThat(each.data()).hasToString("{\"objectId\":\"a\",\"gone\":true}"));
  }

  @Test
  void shouldWaitForAVersionAndForClients() throws Exception {
    server = new Server(config.with(Map.of(ConfigKeys.API_STREAM_CLIENTS, "2")), LARGE, Duration.ofMillis(50), Duration.ZERO);
    StreamClient now = open("", null);
    StreamClient all = open("?from=beginning", null);
    writer.commit(() -> writer.send("V1", "a", "image", 1));
    HttpResponse<InputStream> third = StreamClient.ask(http, server.api.url(), "", null);
    assertThat(third.statusCode()).isEqualTo(503);
    assertThat(third.headers().firstValue("Retry-After")).hasValue("10");
    assertThat(third.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(new ObjectMapper().readTree(third.body()).path("detail").asText()).contains("http.stream.clients");
    writer.flip(null, "V1");
    await(() -> now.has("caught-up") && all.has("caught-up"));
    assertThat(now.lines()).containsExactly("V1 reset", "caught-up");
    assertThat(all.lines()).containsExactly("V1 reset", "a=1", "caught-up");

    now.close();
    await(() -> server.meter(EmbeddingFeed.SUBSCRIBERS) == 1); // a heartbeat could not be sent
    StreamClient next = open("", null);
    await(() -> next.has("caught-up"));
    next.close();
    all.close();
    await(() -> !server.feed.reads());
    StreamClient anew = open("", null);
    await(() -> anew.has("caught-up"));
  }

  @Test
  void shouldRefuseWhatMakesNoSense() throws Exception {
    serve(LARGE, LONG);
    for (String id : List.of("V1", "V1:topic", "V1:topic:", "V1:topic:1,", "V1:topic:-1", "V1:topic:1:2", "a b:topic:1", "V1:to pic:1",
        "V1:topic:99999999999999999999")) {
      assertProblem(StreamClient.ask(http, server.api.url(), "", id), "Last-Event-ID");
    }
    for (String query : List.of("?from=yesterday", "?vectors=maybe", "?object=")) {
      assertProblem(StreamClient.ask(http, server.api.url(), query, null), "expected");
    }
    assertThat(server.meter(EmbeddingFeed.SUBSCRIBERS)).isZero();
    assertThat(server.feed.reads()).isFalse();
  }

  private static void assertProblem(HttpResponse<InputStream> response, String detail) throws IOException {
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(new ObjectMapper().readTree(response.body()).path("detail").asText()).contains(detail);
  }

  @Test
  void shouldBeginAgainWhereThePlaceIsLost() throws Exception {
    writer.flip(null, "V1");
    writer.commit(() -> writer.send("V1", "a", "image", 1));
    serve(LARGE, LONG);
    StreamClient first = open("", null);
    await(() -> first.has("caught-up"));
    String here = first.lastId();
    for (String lost : List.of("V0:topic:1,2,3", here.replaceFirst(":[^:]*:", ":topic:"), here.replaceFirst("\\d+$", "9000"))) {
      StreamClient again = open("", lost);
      await(() -> again.has("caught-up"));
      assertThat(again.lines()).as(lost).containsExactly("V1 reset", "a=1", "caught-up");
    }
    StreamClient missing = open("", here.replaceFirst(",\\d+$", ""));
    await(() -> missing.has("caught-up"));
    assertThat(missing.lines()).startsWith("V1 goes on"); // the partition that is not named is read from its beginning
  }

  @Test
  void shouldEndAllStreamsWhenItIsClosed() throws Exception {
    writer.flip(null, "V1");
    String padding = "x".repeat(9000);
    writer.commit(() -> {
      for (int i = 0; i < 200; i++) {
        writer.send("V1", "object " + i, padding, 1);
      }
    });
    serve(LARGE, LONG);
    StreamClient idle = open("", null);
    await(() -> idle.has("caught-up"));
    try (Socket silent = new Socket()) {
      silent.setReceiveBufferSize(4096);
      URI url = server.api.url();
      silent.connect(new InetSocketAddress(url.getHost(), url.getPort()));
      silent.getOutputStream().write(
          "GET /v1/embeddings/stream?from=beginning HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      await(() -> Thread.getAllStackTraces().entrySet().stream().anyMatch(thread -> // it waits for its client
          thread.getKey().getName().startsWith("embeddings-stream") && List.of(thread.getValue()).toString().contains("EventOutput")));
      server.close();
      await(idle::ended);
      assertThat(server.meter(EmbeddingFeed.SUBSCRIBERS)).isZero();
      assertThat(server.feed.reads()).isFalse();
    }
  }
}
