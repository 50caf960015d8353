package io.accrete.sink;

import static io.accrete.subscriber.SubscriberCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.accrete.cli.Accrete;
import io.accrete.cli.ChildJvm;
import io.accrete.config.AccreteConfig;
import io.accrete.events.ObjectEmbedding;
import io.accrete.subscriber.SubscriberCluster;
import io.accrete.subscriber.SubscriberCluster.Writer;
import io.accrete.subscriber.Unreadable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sinks between a real broker and a real PostgreSQL, the one of this machine. */
@Timeout(180)
class PostgresSinkTest {
  @TempDir private static Path dir;
  private static PostgresServer postgres;
  private static SubscriberCluster cluster;

  private final List<String> said = new CopyOnWriteArrayList<>();
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>() {
    @Override
    protected void append(ILoggingEvent event) {
      said.add(event.getFormattedMessage());
    }
  };
  private final Logger log = (Logger) org.slf4j.LoggerFactory.getLogger("io.accrete.sink");
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Process> processes = new ArrayList<>();
  private String name;
  private String table;
  private AccreteConfig config;

  @BeforeAll
  static void startServers() throws Exception {
    postgres = PostgresServer.start(PostgresSinkTest.class.getSimpleName());
    cluster = new SubscriberCluster(dir);
  }

  @AfterAll
  static void stopServers() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
    if (postgres != null) {
      postgres.close();
    }
  }

  @BeforeEach
  void start(TestInfo test) {
    appender.start();
    log.addAppender(appender);
    log.setLevel(Level.INFO);
    name = test.getTestMethod().orElseThrow().getName();
    table = "t" + Integer.toHexString(name.hashCode());
    config = cluster.config(name);
    SubscriberCluster.createTopics(config, "V1", "V2");
  }

  @AfterEach
  void stop() {
    log.detachAppender(appender);
    processes.forEach(process -> process.destroyForcibly().onExit().join());
    threads.shutdownNow();
  }

  private SinkSettings settings(String name) {
    return new SinkSettings(postgres.url(), PostgresServer.USER, PostgresServer.PASSWORD, TableName.parse(name), Unreadable.FAIL);
  }

  /** A sink on a thread of its own. */
  private final class Running implements AutoCloseable {
    private final AtomicInteger served = new AtomicInteger();
    private final PostgresSink sink;
    private final Future<?> end;

    Running() {
      this(settings(table));
    }

    Running(SinkSettings settings) {
      sink = new PostgresSink(config, settings, new SinkListener() {
        @Override
        public void loaded(long updates) {}

        @Override
        public void served() {
          served.incrementAndGet();
        }
      });
      end = threads.submit(sink);
    }

    /** Waits for rows, as long as the sink runs. */
    void awaitRows(Map<String, String> expected) throws Exception {
      await(() -> end.isDone() || rows().equals(expected));
      assertThat(rows()).isEqualTo(expected);
    }

    @Override
    public void close() throws Exception {
      sink.close();
      end.get();
    }
  }

  /** Of each object the version and the sequence. */
  private Map<String, String> rows() {
    try {
      Map<String, String> rows = new TreeMap<>();
      postgres.query("SELECT object_id || '|' || model_version || ' ' || sequence FROM " + table)
          .forEach(row -> rows.put(row.substring(0, row.lastIndexOf('|')), row.substring(row.lastIndexOf('|') + 1)));
      return rows;
    } catch (SQLException notYet) {
      return Map.of();
    }
  }

  private static ObjectEmbedding embedding(String version, long sequence, String image, Map<String, String> attributes, Float... vector) {
    return ObjectEmbedding.newBuilder().setVector(List.of(vector)).setModelVersion(version).setImageCount(3).setLastImageId(image)
        .setSequence(sequence).setSourcePartition(0).setSourceOffset(0).setUpdatedAt(Instant.ofEpochMilli(1_234_567_891_234L))
        .setAttributes(attributes).build();
  }

  @Test
  void shouldHoldWhatTheTopicHolds() throws Exception {
    String odd = "o'dd \"id\" \\ %s {1} 日本 ☃";
    List<Float> vector = List.of(0.1f, -1.1754944e-38f, 3.4028235e38f, 1.4e-45f, -0f, 0.33333334f);
    try (Writer writer = new Writer(config, name)) {
      writer.flip(null, "V1");
      writer.commit(() -> {
        writer.send("V1", odd, embedding("V1", 7, "image\0 1", Map.of("a\"'", "b\\ \0"), vector.toArray(Float[]::new)));
        writer.send("V1", "N\0UL", embedding("V1", 1, "image", Map.of(), 0f, 0f, 0f, 0f, 0f, 0f));
        writer.send("V1", "gone", embedding("V1", 1, "image", Map.of(), 0f, 0f, 0f, 0f, 0f, 0f));
        writer.send("V1", "gone", (ObjectEmbedding) null);
        writer.send("V1", "never there", (ObjectEmbedding) null);
      });
      try (Running running = new Running()) {
        running.awaitRows(Map.of(odd, "V1 7"));
        assertThat(said).anyMatch(line -> line.contains("'N\uFFFDUL' is left out"));
        try (Connection connection = postgres.connect(); Statement statement = connection.createStatement();
            ResultSet row = statement.executeQuery("SELECT *, embedding::text AS vector, attributes->>'a\"''' AS attribute FROM "
                + table)) {
          assertThat(row.next()).isTrue();
          assertThat(row.getInt("image_count")).isEqualTo(3);
          assertThat(row.getString("last_image_id")).isEqualTo("image\uFFFD 1");
          assertThat(row.getTimestamp("updated_at").toInstant()).isEqualTo(Instant.ofEpochMilli(1_234_567_891_234L));
          assertThat(row.getString("attribute")).isEqualTo("b\\ \uFFFD");
          String text = row.getString("vector");
          assertThat(List.of(text.substring(1, text.length() - 1).split(",")).stream().map(Float::valueOf)).isEqualTo(vector);
        }
        writer.commit(() -> writer.send("V1", odd, "image 2", 8)); // of another length: arrays do not mind
        running.awaitRows(Map.of(odd, "V1 8"));
        writer.commit(() -> writer.send("V1", odd, (ObjectEmbedding) null));
        running.awaitRows(Map.of());
        writer.commit(() -> writer.send("V1", "another", "image 2", 1));
        running.awaitRows(Map.of("another", "V1 1"));
      }
    }
  }

  @Test
  void shouldDoNothingTwiceAndLeaveNothingOutThoughItIsKilled() throws Exception {
    Map<String, String> committed = new TreeMap<>();
    AtomicBoolean enough = new AtomicBoolean();
    try (Writer coordinator = new Writer(config, name + "-rollouts")) {
      coordinator.flip(null, "V1");
      Future<Map<String, String>> writing = threads.submit(() -> write(enough));
      Process sink = sink();
      await(() -> rows().size() > 5 || !sink.isAlive());
      assertThat(sink.isAlive()).as(output()).isTrue();
      postgres.execute("CREATE TABLE " + table + "_audit (at bigserial, object_id text, sequence bigint)");
      postgres.execute("CREATE FUNCTION " + table + "_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO " + table
          + "_audit(object_id, sequence) VALUES (NEW.object_id, NEW.sequence); RETURN NEW; END $$");
      postgres.execute("CREATE TRIGGER audit AFTER INSERT OR UPDATE ON " + table + "_1 FOR EACH ROW EXECUTE FUNCTION " + table
          + "_audit()");
      Process killed = sink;
      for (int kills = 0; kills < 2; kills++) {
        int before = audited();
        Process alive = killed;
        await(() -> audited() > before + 20 || !alive.isAlive());
        alive.destroyForcibly().onExit().join();
        killed = sink();
      }
      enough.set(true);
      committed.putAll(writing.get());
      Process last = killed;
      await(() -> rows().equals(committed) || !last.isAlive());
      assertThat(last.isAlive()).as(output()).isTrue();
      last.destroy();
      assertThat(last.waitFor()).as("ended by a signal").isEqualTo(143);
      assertThat(output()).doesNotContain("Exception", "SQLSTATE");
    }
    assertThat(rows()).isEqualTo(committed);
    assertThat(postgres.query("SELECT reading FROM " + table + "_state")).as("it was never begun anew").containsExactly("1");
    assertThat(postgres.query("SELECT object_id FROM (SELECT object_id, sequence, lag(sequence) OVER (PARTITION BY object_id ORDER BY at) "
        + "AS before FROM " + table + "_audit) AS audited WHERE sequence <= before")).as("written twice, or out of order").isEmpty();
  }

  private int audited() {
    try {
      return Integer.parseInt(postgres.query("SELECT count(*) FROM " + table + "_audit").get(0));
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** One change a transaction, each with a sequence of its own; what is left. */
  private Map<String, String> write(AtomicBoolean enough) {
    Map<String, String> left = new HashMap<>();
    Random random = new Random(3);
    try (Writer writer = new Writer(config, name)) {
      for (long sequence = 1; !enough.get(); sequence++) {
        String object = "object " + random.nextInt(50);
        long each = sequence;
        if (random.nextInt(10) == 0) {
          writer.commit(() -> writer.send("V1", object, (ObjectEmbedding) null));
          left.remove(object);
        } else {
          writer.commit(() -> writer.send("V1", object, "image", each));
          left.put(object, "V1 " + each);
        }
      }
    }
    return left;
  }

  /** {@code accrete sink postgres} in a process of its own. */
  private Process sink() throws Exception {
    List<String> arguments = new ArrayList<>(List.of("sink", "postgres", "--url", postgres.url(), "--user", PostgresServer.USER,
        "--table", table));
    Map<String, String> settings = new HashMap<>(config.originalsStrings());
    settings.put(AccreteConfig.KAFKA_PREFIX + "request.timeout.ms", "60000"); // it must not give up where a machine is busy
    settings.put(AccreteConfig.KAFKA_PREFIX + "default.api.timeout.ms", "60000");
    settings.forEach((key, value) -> arguments.addAll(List.of("-c", key + "=" + value)));
    ProcessBuilder builder = ChildJvm.of(Accrete.class, 256, dir.resolve(table + ".out"), arguments);
    builder.environment().put("ACCRETE_SINK_PASSWORD", PostgresServer.PASSWORD);
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private String output() throws Exception {
    return Files.readString(dir.resolve(table + ".out"));
  }

  @Test
  void shouldWriteRowsAndPositionsTogetherOrNeither() throws Exception {
    try (Writer writer = new Writer(config, name)) {
      writer.flip(null, "V1");
      writer.commit(() -> writer.send("V1", "a", "image", 1));
      postgres.execute("CREATE FUNCTION " + table + "_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$");
      Running running = new Running();
      writer.commit(() -> writer.send("V1", "c", "image", 1));
      running.awaitRows(Map.of("a", "V1 1", "c", "V1 1"));
      running.close();
      List<String> positions = positions();
      writer.commit(() -> writer.send("V1", "a", "image", 2), () -> writer.send("V1", "b", "image", 1));
      for (String refusing : List.of("_positions", "_1")) {
        postgres.execute("CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON " + table + refusing + " FOR EACH ROW EXECUTE FUNCTION " + table
            + "_refuse()");
        assertThat(new Running().end).failsWithin(Duration.ofMinutes(1)).withThrowableThat().withMessageContaining("refused");
        assertThat(rows()).isEqualTo(Map.of("a", "V1 1", "c", "V1 1"));
        assertThat(positions()).isEqualTo(positions);
        postgres.execute("DROP TRIGGER refuse ON " + table + refusing);
      }
      try (Running last = new Running()) {
        last.awaitRows(Map.of("a", "V1 2", "b", "V1 1", "c", "V1 1"));
        assertThat(last.served.get()).as("loaded anew").isZero();
      }
    }
  }

  private List<String> positions() throws SQLException {
    return postgres.query("SELECT partition || ' ' || next_offset FROM " + table + "_positions ORDER BY partition");
  }

  @Test
  void shouldNeverShowTwoSpacesOrPartOfOne() throws Exception {
    int objects = 1200;
    try (Writer writer = new Writer(config, name)) {
      writer.flip(null, "V1");
      for (String version : List.of("V1", "V2")) {
        writer.commit(() -> {
          for (int i = 0; i < objects; i++) {
            writer.send(version, "object " + i, embedding(version, 1, "image", Map.of(), version.equals("V1") ? new Float[] {1f, 0f}
                : new Float[] {1f, 0f, 0f}));
          }
        });
      }
      AtomicBoolean enough = new AtomicBoolean();
      List<String> seen = new CopyOnWriteArrayList<>();
      try (Running running = new Running()) {
        await(() -> running.served.get() == 1 || running.end.isDone());
        postgres.execute("CREATE VIEW " + table + "_of_others AS SELECT object_id FROM " + table);
        Future<?> reading = threads.submit(() -> read(enough, seen));
        for (String[] flip : new String[][] {{"V1", "V2"}, {"V2", "V1"}}) {
          int before = running.served.get();
          try (Connection reader = postgres.connect(); Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.execute("SELECT count(*) FROM " + table);
            writer.flip(flip[0], flip[1]);
            await(() -> said.stream().anyMatch(line -> line.contains("waiting for a long transaction")) || running.end.isDone());
            assertThat(running.served.get()).isEqualTo(before);
            said.clear();
          }
          await(() -> running.served.get() > before || running.end.isDone());
        }
        writer.commit(() -> writer.send("V1", "object 7", embedding("V1", 2, "image", Map.of(), 1f, 0f)));
        await(() -> "V1 2".equals(rows().get("object 7")) || running.end.isDone());
        enough.set(true);
        reading.get();
      }
      assertThat(seen.stream().distinct()).containsExactly(objects + " V1 V1", objects + " V2 V2");
      assertThat(postgres.query("SELECT relname FROM pg_class WHERE relname IN ('" + table + "_1', '" + table + "_2')")).hasSize(1);
      assertThat(postgres.query("SELECT object_id FROM " + table + "_of_others")).hasSize(objects);
    }
  }

  private Void read(AtomicBoolean enough, List<String> seen) throws SQLException {
    try (Connection connection = postgres.connect(); Statement statement = connection.createStatement()) {
      while (!enough.get()) {
        try (ResultSet row = statement.executeQuery("SELECT count(*) || ' ' || min(model_version) || ' ' || max(model_version) FROM "
            + table)) {
          row.next();
          seen.add(row.getString(1));
        }
      }
    }
    return null;
  }

  @Test
  void shouldGoOnWhenPostgresComesBack() throws Exception {
    try (Writer writer = new Writer(config, name)) {
      writer.flip(null, "V1");
      writer.commit(() -> writer.send("V1", "a", "image", 1));
      postgres.stop();
      try (Running running = new Running()) {
        await(() -> said.stream().anyMatch(line -> line.startsWith("Waiting for PostgreSQL at 127.0.0.1")) || running.end.isDone());
        postgres.start();
        running.awaitRows(Map.of("a", "V1 1"));
        said.clear();
        postgres.stop();
        writer.commit(() -> writer.send("V1", "b", "image", 1));
        await(() -> said.size() == 1 || running.end.isDone());
        postgres.start();
        running.awaitRows(Map.of("a", "V1 1", "b", "V1 1"));
        assertThat(said).filteredOn(line -> line.startsWith("Waiting")).hasSize(1);
        assertThat(said).filteredOn(line -> line.endsWith("is back")).hasSize(1);
      } finally {
        if (running(postgres)) {
          said.clear();
        } else {
          postgres.start();
        }
      }
    }
  }

  private static boolean running(PostgresServer server) {
    try (Connection connection = server.connect()) {
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  @Test
  void shouldLoadAnewWhenItWasAwayForTooLong() throws Exception {
    try (Writer writer = new Writer(config, name)) {
      writer.flip(null, "V1");
      writer.commit(() -> writer.send("V1", "a", "image", 1));
      try (Running running = new Running()) {
        running.awaitRows(Map.of("a", "V1 1"));
      }
      postgres.execute("INSERT INTO " + table + "_1 SELECT 'forgotten by Kafka', model_version, image_count, sequence, last_image_id, "
          + "updated_at, attributes, embedding FROM " + table);
      try (Running running = new Running()) {
        writer.commit(() -> writer.send("V1", "b", "image", 1));
        running.awaitRows(Map.of("a", "V1 1", "b", "V1 1", "forgotten by Kafka", "V1 1")); // it went on
        assertThat(running.served.get()).isZero();
      }
      assertThat(recipe("'b'", "'a'")).containsExactly("a", "forgotten by Kafka");
      postgres.execute("UPDATE " + table + "_state SET seen_at = now() - interval '13 hours'");
      try (Running running = new Running()) {
        running.awaitRows(Map.of("a", "V1 1", "b", "V1 1"));
      }
    }
  }

  /** The recipe's query for the nearest without pgvector, in this test's table. */
  private List<String> recipe(String object, String nearest) throws Exception {
    String text = Files.readString(Path.of("recipes/postgres.md"));
    String query = text.substring(text.indexOf("```sql\nSELECT other") + "```sql\n".length()).split("```")[0];
    return postgres.query("SELECT object_id FROM (" + query.replace(";", "").replace("object_embeddings", table)
        .replace("'mug-17'", object)
        .replace("AND other.attributes->>'brand' = 'Alba'", "") + ") AS nearest ORDER BY object_id <> " + nearest);
  }

  @Test
  void shouldLeaveTheTableToTheSinkThatCameLast() throws Exception {
    try (Writer writer = new Writer(config, name)) {
      writer.flip(null, "V1");
      writer.commit(() -> writer.send("V1", "a", "image", 1));
      Running first = new Running();
      first.awaitRows(Map.of("a", "V1 1"));
      try (Running second = new Running()) {
        await(() -> said.stream().filter(line -> line.contains("no pgvector")).count() == 2); // it has begun
        writer.commit(() -> writer.send("V1", "b", "image", 1));
        assertThat(first.end).failsWithin(Duration.ofMinutes(1)).withThrowableThat()
            .withMessageContaining("Another sink has taken over table 'public." + table + "'");
        second.awaitRows(Map.of("a", "V1 1", "b", "V1 1"));
      }
    }
  }

  private String failure(SinkSettings settings) throws Exception {
    try (Writer writer = new Writer(config, name)) {
      writer.flip(null, "V1");
    }
    Running running = new Running(settings);
    await(running.end::isDone);
    try {
      running.end.get();
      return "none";
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(SinkException.class);
      return e.getCause().getMessage();
    }
  }

  private static SinkSettings settings(String url, String user, String password, String table) {
    return new SinkSettings(url, user, password, TableName.parse(table), Unreadable.FAIL);
  }

  @Test
  void shouldSayWhatIsWrong() throws Exception {
    String good = PostgresServer.PASSWORD;
    assertThat(failure(settings(postgres.url(), PostgresServer.USER, "wrong", table)))
        .contains("password authentication failed", "ACCRETE_SINK_PASSWORD").doesNotContain("wrong,");
    assertThat(failure(settings(postgres.url(), PostgresServer.USER, null, table))).contains("password", "--password-file");
    assertThat(failure(settings(postgres.url("nowhere"), PostgresServer.USER, good, table)))
        .contains("\"nowhere\" does not exist", "--url");
    assertThat(failure(settings(postgres.url(), PostgresServer.USER, good, "nowhere." + table)))
        .contains("\"nowhere\" does not exist", "CREATE SCHEMA");
    postgres.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'");
    assertThat(failure(settings(postgres.url(), "guest", "guest", table))).contains("permission denied", "GRANT USAGE, CREATE");
    postgres.execute("CREATE TABLE " + table + " (id text)");
    assertThat(failure(settings(table)))
        .contains("\"" + table + "\" is there already", "expected a view of object_id text", "found id text");
    postgres.execute("DROP TABLE " + table);
    postgres.execute("CREATE TABLE " + table + "_2 (precious text)");
    assertThat(failure(settings(table))).contains("\"" + table + "_2\" is there already", "found precious text");
    assertThat(postgres.query("SELECT * FROM " + table + "_2")).isEmpty();
  }
}
