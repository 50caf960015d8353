package io.accrete.subscriber;

import static io.accrete.subscriber.SubscriberCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.subscriber.SubscriberCluster.Writer;
import io.accrete.topics.Topics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Subscribers at a real broker and a real registry. */
@Timeout(180)
class EmbeddingSubscriberTest {
  @TempDir private static Path dir;
  private static SubscriberCluster cluster;

  private final List<String> said = new CopyOnWriteArrayList<>();
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>() {
    @Override
    protected void append(ILoggingEvent event) {
      said.add(event.getFormattedMessage());
    }
  };
  private final Logger log = (Logger) LoggerFactory.getLogger("io.accrete.subscriber");
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private String name;
  private AccreteConfig config;

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
    appender.start();
    log.addAppender(appender);
    log.setLevel(ch.qos.logback.classic.Level.INFO);
    name = test.getTestMethod().orElseThrow().getName();
    config = cluster.config(name);
  }

  @AfterEach
  void stop() {
    log.detachAppender(appender);
    threads.shutdownNow();
  }

  /** A service that holds the newest of each object, and notes what must never happen. */
  private static final class Service implements EmbeddingListener {
    private final Map<String, Long> held = new ConcurrentHashMap<>();
    private final Map<Integer, Long> offsets = new HashMap<>();
    private final List<String> spaces = new CopyOnWriteArrayList<>();
    private final List<String> wrong = new CopyOnWriteArrayList<>();
    private final AtomicInteger caughtUp = new AtomicInteger();
    private volatile Map<String, Long> expected = Map.of(); // at least, when it has caught up
    private String space;

    @Override
    public void onSpace(String modelVersion, boolean reset) {
      space = modelVersion;
      held.clear();
      offsets.clear();
      spaces.add(modelVersion);
    }

    @Override
    public void onEmbedding(String objectId, ObjectEmbedding embedding, Position position) {
      check(embedding.getModelVersion().equals(space), "mixed: ", embedding, position);
      check(!embedding.getLastImageId().equals("aborted"), "aborted: ", embedding, position);
      check(embedding.getSequence() > held.getOrDefault(objectId, 0L), "out of order: ", embedding, position);
      passed(position);
      held.put(objectId, embedding.getSequence());
    }

    @Override
    public void onGone(String objectId, Position position) {
      passed(position);
      held.remove(objectId);
    }

    private void passed(Position position) {
      check(position.modelVersion().equals(space), "position of another space: ", null, position);
      check(position.offset() > offsets.getOrDefault(position.partition(), 0L), "twice: ", null, position);
      offsets.put(position.partition(), position.offset());
    }

    private void check(boolean right, String what, ObjectEmbedding embedding, Position position) {
      if (!right) {
        wrong.add(what + embedding + " at " + position + " in " + space);
      }
    }

    @Override
    public void onCaughtUp() {
      expected.forEach((object, sequence) -> check(held.getOrDefault(object, 0L) >= sequence, "missing: " + object, null, null));
      caughtUp.incrementAndGet();
    }
  }

  /** A subscriber on a thread of its own. */
  private final class Running implements AutoCloseable {
    private final EmbeddingSubscriber subscriber;
    private final Future<?> end;

    Running(EmbeddingListener listener) {
      subscriber = new EmbeddingSubscriber(config, listener);
      end = threads.submit(subscriber);
    }

    @Override
    public void close() throws Exception {
      subscriber.close();
      end.get();
    }
  }

  @Test
  void shouldNeverMixSpacesWhileModelsAreRolledOutUnderLiveTraffic() throws Exception {
    SubscriberCluster.createTopics(config, "V1", "V2");
    Map<String, Long> committed = new ConcurrentHashMap<>();
    AtomicInteger transactions = new AtomicInteger();
    AtomicBoolean enough = new AtomicBoolean();
    Service service = new Service();
    try (Writer coordinator = new Writer(config, name + "-rollouts"); Running running = new Running(service)) {
      coordinator.flip(null, "V1");
      List<Future<?>> writers = List.of(
          threads.submit(() -> write("one", committed, transactions, enough)),
          threads.submit(() -> write("two", committed, transactions, enough)));
      await(() -> service.caughtUp.get() == 1);
      for (String[] flip : new String[][] {{"V1", "V2"}, {"V2", "V1"}, {"V1", "V2"}}) {
        int before = transactions.get();
        await(() -> transactions.get() > before + 30 || writers.stream().anyMatch(Future::isDone));
        service.expected = Map.copyOf(committed);
        int caughtUp = service.caughtUp.get();
        coordinator.flip(flip[0], flip[1]);
        await(() -> service.caughtUp.get() > caughtUp || running.end.isDone());
      }
      enough.set(true);
      for (Future<?> writer : writers) {
        writer.get();
      }
      await(() -> service.held.equals(committed) || running.end.isDone());
    }
    assertThat(service.wrong).isEmpty();
    assertThat(service.spaces).containsExactly("V1", "V2", "V1", "V2");
    assertThat(service.held).isEqualTo(committed);
  }

  /** Every change under both versions in one transaction, as while both are live; a quarter of the transactions is aborted. */
  private void write(String writer, Map<String, Long> committed, AtomicInteger transactions, AtomicBoolean enough) {
    Random random = new Random(writer.hashCode());
    Map<String, Long> sequences = new HashMap<>();
    try (Writer out = new Writer(config, name + "-" + writer)) {
      while (!enough.get()) {
        boolean abort = random.nextInt(4) == 0;
        Map<String, Long> changes = new HashMap<>();
        for (int i = 0; i < 5; i++) {
          String object = writer + random.nextInt(20);
          changes.put(object, sequences.getOrDefault(object, 0L) + 1);
        }
        Runnable sending = () -> changes.forEach((object, sequence) -> List.of("V1", "V2")
            .forEach(version -> out.send(version, object, abort ? "aborted" : "image " + sequence, sequence)));
        if (abort) {
          out.abort(sending);
        } else {
          out.commit(sending);
          sequences.putAll(changes);
          committed.putAll(changes);
        }
        transactions.incrementAndGet();
      }
    }
  }

  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Stores every update with its position, and crashes before or after some of them; ends at its own wish when it has caught up. */
  private static final class CrashingService implements EmbeddingListener {
    private final List<String> delivered = new ArrayList<>();
    private final Map<Integer, Position> kept = new HashMap<>();
    private final List<Boolean> resets = new ArrayList<>();
    private final Random random = new Random(5);
    private EmbeddingSubscriber subscriber;

    @Override
    public void onSpace(String modelVersion, boolean reset) {
      resets.add(reset);
    }

    @Override
    public void onEmbedding(String objectId, ObjectEmbedding embedding, Position position) {
      store(objectId + "=" + embedding.getLastImageId(), position);
    }

    @Override
    public void onGone(String objectId, Position position) {
      store(objectId + " gone", position);
    }

    private void store(String update, Position position) {
      int fate = random.nextInt(12);
      if (fate == 0) {
        throw new Crash();
      }
      delivered.add(update);
      kept.put(position.partition(), position);
      if (fate == 1) {
        throw new Crash();
      }
    }

    @Override
    public void onCaughtUp() {
      subscriber.close();
    }

    Collection<Position> kept() {
      return kept.values();
    }
  }

  @Test
  void shouldDeliverEveryUpdateOnceThoughTheServiceCrashes() {
    SubscriberCluster.createTopics(config, "V1");
    List<String> written = new ArrayList<>();
    try (Writer writer = new Writer(config, name)) {
      writer.flip(null, "V1");
      for (int i = 0; i < 40; i++) {
        String object = "object " + i % 7;
        String image = i % 9 == 8 ? null : "image " + i;
        writer.commit(() -> writer.send("V1", object, image, 1));
        writer.abort(() -> writer.send("V1", object, "aborted", 1));
        written.add(object + (image == null ? " gone" : "=" + image));
      }
    }
    CrashingService service = new CrashingService();
    int crashes = 0;
    boolean crashed;
    do {
      crashed = false;
      try (EmbeddingSubscriber subscriber = new EmbeddingSubscriber(config, service, Start.at(service.kept()), Unreadable.FAIL)) {
        service.subscriber = subscriber;
        subscriber.run();
      } catch (Crash e) {
        crashed = true;
        crashes++;
      }
    } while (crashed);

    assertThat(crashes).isPositive();
    assertThat(service.resets).first().isEqualTo(true);
    assertThat(service.resets).last().isEqualTo(false);
    assertThat(service.delivered).containsExactlyInAnyOrderElementsOf(written);
    for (int i = 0; i < 7; i++) {
      String object = "object " + i;
      assertThat(service.delivered).filteredOn(update -> update.startsWith(object))
          .containsExactlyElementsOf(written.stream().filter(update -> update.startsWith(object)).toList());
    }
  }

  @Test
  void shouldNotMindThatTheOldTopicIsDeleted() throws Exception {
    SubscriberCluster.createTopics(config, "V1", "V2");
    Service service = new Service();
    try (Writer writer = new Writer(config, name); Admin admin = Admin.create(config.kafkaClient());
        Running running = new Running(service)) {
      writer.flip(null, "V1");
      writer.commit(() -> writer.send("V1", "a", "image 1", 1), () -> writer.send("V2", "a", "image 1", 1));
      await(() -> service.held.containsKey("a"));
      admin.deleteTopics(List.of(new Topics(config).embeddings("V1"))).all().get();
      writer.flip("V1", "V2");
      await(() -> service.spaces.equals(List.of("V1", "V2")) && service.held.containsKey("a") || running.end.isDone());
      writer.commit(() -> writer.send("V2", "b", "image 1", 1));
      await(() -> service.held.containsKey("b") || running.end.isDone());
    }
    assertThat(service.wrong).isEmpty();
    assertThat(service.held).containsOnlyKeys("a", "b");
  }

  @Test
  void shouldReadCompactedTopics() throws Exception {
    SubscriberCluster.createTopics(config, "V1");
    Position early;
    try (Writer writer = new Writer(config, name); Admin admin = Admin.create(config.kafkaClient())) {
      admin.incrementalAlterConfigs(Map.of(
          new ConfigResource(ConfigResource.Type.BROKER, ""), List.of(set("log.cleaner.backoff.ms", "100")),
          new ConfigResource(ConfigResource.Type.TOPIC, new Topics(config).embeddings("V1")),
          List.of(set("segment.ms", "50"), set("min.cleanable.dirty.ratio", "0.001"), set("delete.retention.ms", "0"),
              set("max.compaction.lag.ms", "50")))).all().get();
      writer.flip(null, "V1");
      writer.commit(() -> writer.send("V1", "a", "image 1", 1), () -> writer.send("V1", "gone", "image 1", 1));
      early = positionOf("a");
      writer.commit(() -> writer.send("V1", "gone", null, 0));
      int[] sequence = {1};
      await(() -> { // each write may begin a segment, and only those before it are compacted
        sequence[0]++;
        writer.commit(() -> List.of("a", "b", "c", "d").forEach(each -> writer.send("V1", each, "image", sequence[0])));
        return readAll().updates < 3 * sequence[0];
      });

      Once all = readAll();
      assertThat(all.held).isEqualTo(
          Map.of("a", (long) sequence[0], "b", (long) sequence[0], "c", (long) sequence[0], "d", (long) sequence[0]));
      Once later = new Once();
      later.run(config, Start.at(List.of(early)));
      assertThat(later.resets).containsExactly(false);
      assertThat(later.held).containsEntry("a", (long) sequence[0]);
    }
  }

  private static AlterConfigOp set(String key, String value) {
    return new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
  }

  private Once readAll() {
    Once once = new Once();
    once.run(config, Start.beginning());
    return once;
  }

  private Position positionOf(String object) {
    return readAll().positions.get(object);
  }

  /** Reads until it has caught up. */
  private static final class Once implements EmbeddingListener {
    private final Map<String, Long> held = new HashMap<>();
    private final Map<String, Position> positions = new HashMap<>();
    private final List<Boolean> resets = new ArrayList<>();
    private int updates;
    private EmbeddingSubscriber subscriber;

    void run(AccreteConfig config, Start start) {
      try (EmbeddingSubscriber once = new EmbeddingSubscriber(config, this, start, Unreadable.FAIL)) {
        subscriber = once;
        once.run();
      }
    }

    @Override
    public void onSpace(String modelVersion, boolean reset) {
      resets.add(reset);
    }

    @Override
    public void onEmbedding(String objectId, ObjectEmbedding embedding, Position position) {
      held.put(objectId, embedding.getSequence());
      positions.put(objectId, position);
      updates++;
    }

    @Override
    public void onGone(String objectId, Position position) {
      held.remove(objectId);
    }

    @Override
    public void onCaughtUp() {
      subscriber.close();
    }
  }

  @Test
  void shouldWaitForBrokerAndRegistryAndSayItOnce() throws Exception {
    SubscriberCluster.createTopics(config, "V1");
    Service service = new Service();
    try (Writer writer = new Writer(config, name)) {
      writer.flip(null, "V1");
      writer.commit(() -> writer.send("V1", "a", "image 1", 1));
      cluster.stopRegistry();
      try (Running running = new Running(service)) {
        await(() -> said("Waiting for the schema registry") == 1);
        cluster.startRegistry();
        await(() -> service.held.containsKey("a") || running.end.isDone());
        cluster.stopBroker();
        await(() -> said("Waiting for Kafka at") == 1);
        cluster.startBroker();
        await(() -> said("Embeddings are read again") == 2 || running.end.isDone());
        writer.commit(() -> writer.send("V1", "a", "image 2", 2));
        await(() -> service.held.get("a") == 2 || running.end.isDone());
      }
    }
    assertThat(service.wrong).isEmpty();
    assertThat(service.spaces).containsExactly("V1");
    assertThat(said).filteredOn(line -> line.startsWith("Waiting for")).hasSize(2);
  }

  private long said(String beginning) {
    return said.stream().filter(line -> line.startsWith(beginning)).count();
  }

  @Test
  void shouldWaitForTopicsAndForAVersion() throws Exception {
    Service service = new Service();
    try (Running running = new Running(service)) {
      await(() -> said("Waiting for topic '" + name + "-rollouts': it does not exist") == 1);
      SubscriberCluster.createTopics(config, "V1");
      await(() -> said("No model version is ACTIVE yet") == 1);
      try (Writer writer = new Writer(config, name)) {
        writer.flip(null, "V1");
      }
      await(() -> service.caughtUp.get() == 1 || running.end.isDone());
    }
    assertThat(said("No model version is ACTIVE yet")).isEqualTo(1);
    assertThat(said("Waiting for")).isEqualTo(1);
  }

  @Test
  void shouldEndWhenItIsClosedOrInterrupted() throws Exception {
    EmbeddingSubscriber neverRun = new EmbeddingSubscriber(config, new Service());
    neverRun.close();
    assertThatIllegalStateException().isThrownBy(neverRun::run).withMessageContaining("Make a new one");

    AccreteConfig nobody = config.with(Map.of(ConfigKeys.BOOTSTRAP_SERVERS, "127.0.0.1:1",
        AccreteConfig.KAFKA_PREFIX + "default.api.timeout.ms", "600000")); // longer than this test may take
    EmbeddingSubscriber waiting = new EmbeddingSubscriber(nobody, new Service());
    Thread asking = new Thread(waiting);
    asking.start();
    await(() -> asking.getState() == Thread.State.WAITING);
    waiting.close();
    asking.join();

    SubscriberCluster.createTopics(config, "V1");
    try (Writer writer = new Writer(config, name)) {
      writer.flip(null, "V1");
    }
    Service service = new Service();
    EmbeddingSubscriber subscriber = new EmbeddingSubscriber(config, service);
    Thread thread = new Thread(subscriber);
    thread.start();
    await(() -> service.caughtUp.get() == 1);
    thread.interrupt();
    thread.join();
    subscriber.close();
  }
}
