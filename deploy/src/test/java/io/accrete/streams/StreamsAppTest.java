package io.accrete.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ImageEvent;
import io.accrete.events.ImageSet;
import io.accrete.events.ObjectEmbedding;
import io.accrete.events.Operation;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.local.KafkaBroker;
import io.accrete.local.registry.RegistryServer;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.runtime.Folded;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.http.HistoryQueries;
import io.accrete.streams.http.HistoryView;
import io.accrete.streams.http.InstanceMetrics;
import io.accrete.streams.http.ObjectView;
import io.accrete.streams.topology.DeadLetters;
import io.accrete.tensor.Parameters;
import io.accrete.topics.Topics;
import io.accrete.trainer.publish.ModelPublisher;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application against a real broker and registry, with a real (tiny) bundle. */
class StreamsAppTest {
  private static final int SIDE = 16;
  private static final int DIMENSION = 12;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int OBJECTS = 3;
  private static final int PHOTOS = 20;
  private static final int DOUBLINGS = 4; // 2, 4, 8, 16
  private static final Catalogue CATALOGUE = new Catalogue(1, OBJECTS);

  @TempDir static Path folder;
  private static KafkaBroker broker;
  private static RegistryServer registry;
  private static Bundle bundle;

  @BeforeAll
  static void start() {
    broker = KafkaBroker.start(folder.resolve("kafka"), 0);
    registry = RegistryServer.start(broker.bootstrapServers(), "127.0.0.1", 0);
    VitConfig vit = VitConfig.plain(new Stem.Patch(8), SIDE, DIMENSION, 1, 2);
    EncoderGraph encoder = EncoderGraph.of(new Vit(vit), Parameters.random(1), Preprocessing.imageNet(SIDE, SIDE), false, Map.of());
    MileConfig mile = new MileConfig(MileConfig.Mode.PATCHES, true, DIMENSION, 2, 0, vit.tokens(SIDE) - 1, false, false);
    AggregatorGraph aggregator = AggregatorGraph.of(new MileAggregator(mile), Parameters.random(2), encoder.tokens(), false, Map.of());
    bundle = BundleWriter.write(new BundleDraft("tiny", "For a test.", encoder, aggregator), folder.resolve("bundle"), false);
  }

  @AfterAll
  static void stop() {
    registry.close();
    broker.close();
  }

  @Test
  void shouldFoldEveryPhotoExactlyOnceThoughThreadsFail() throws Exception {
    AccreteConfig config = config("failing");
    createTopics(config);
    send(config);
    AtomicInteger calls = new AtomicInteger();
    PrometheusMeterRegistry meters = InstanceMetrics.registry();
    try (Model model = Model.load(bundle, RuntimeOptions.cpu());
        StreamsApp app = new StreamsApp(config, bundle, new ModelPublisher(config)::publishUnlessKnown,
            loaded -> served(loaded, calls, Set.of(7, 48)), meters)) {
      InstanceMetrics bound = InstanceMetrics.bind(meters, app.kafkaStreams());
      app.start();
      app.awaitRunning(PATIENCE);
      Map<String, List<ObjectEmbedding>> published = published(config, OBJECTS * PHOTOS);

      assertThat(calls.get()).isGreaterThan(OBJECTS * PHOTOS);
      for (int object = 0; object < OBJECTS; object++) {
        String id = CATALOGUE.objectId(object);
        assertThat(published.get(id)).extracting(ObjectEmbedding::getSequence).containsExactlyElementsOf(sequences());
        assertThat(published.get(id)).extracting(ObjectEmbedding::getImageCount).last().isEqualTo(PHOTOS);
        ObjectView view = app.queries().find(id, true).orElseThrow();
        assertThat(view.ledger()).hasSize(PHOTOS);
        assertThat(view.embedding()).containsExactly(direct(model, object));
        assertHistory(app, view);
      }
      assertThat(setSizes(config)).hasSize(OBJECTS).allSatisfy((id, sizes) -> assertThat(sizes).containsExactly(2, 4, 8, 16));
      assertThat(app.queries().find("no such object", true)).isEmpty();
      assertThat(app.health().live()).allMatch(check -> check.ok())
          .first().extracting(check -> check.reason()).asString().contains("A test's failure");
      assertThat(scraped(meters)).containsAll(shownInTheDashboard());
      bound.close();
    }
  }

  /** Folding an object again gives what is stored, to the last bit; fewer images give the beginning of the same. */
  private static void assertHistory(StreamsApp app, ObjectView object) throws Exception {
    HistoryQueries histories = app.histories();
    HistoryView all = histories.history(object.objectId(), PHOTOS + 1).orElseThrow();
    assertThat(all.embedding()).containsExactly(object.embedding());
    assertThat(all.imageCount()).isEqualTo(PHOTOS);
    assertThat(all.folds()).extracting(HistoryView.Fold::entry).isEqualTo(object.ledger());
    assertThat(all.folds()).first().extracting(HistoryView.Fold::moved).isEqualTo(0.0);
    assertThat(all.folds().subList(1, PHOTOS)).allSatisfy(fold -> assertThat(fold.moved()).isBetween(1e-6, 180.0));
    assertThat(all.folds().get(PHOTOS - 1).agreement()).isCloseTo(1, within(1e-6));
    assertThat(histories.history(object.objectId(), PHOTOS + 1).orElseThrow()).isSameAs(all);
    assertThat(histories.history(object.objectId(), 3).orElseThrow().folds()).isEqualTo(all.folds().subList(0, 3));
    assertThat(histories.history("no such object", 3)).isEmpty();
  }

  private static Set<String> scraped(PrometheusMeterRegistry meters) {
    return meters.scrape().lines().filter(line -> !line.startsWith("#")).map(line -> line.split("[{ ]")[0]).collect(Collectors.toSet());
  }

  private static Set<String> shownInTheDashboard() throws IOException {
    Set<String> names = new TreeSet<>();
    for (JsonNode query : new ObjectMapper().readTree(Path.of("dashboards/accrete.json").toFile()).findValues("expr")) {
      Pattern.compile("[a-z_]+(?=\\{)").matcher(query.textValue()).results().forEach(name -> names.add(name.group()));
    }
    assertThat(names).hasSizeGreaterThan(10);
    return names;
  }

  @Test
  void shouldRestoreTheSameStateFromTheChangelogs() throws Exception {
    AccreteConfig config = config("restored").with(Map.of(ConfigKeys.FEATURES_STORE, "true"));
    createTopics(config);
    send(config);
    List<ObjectView> before;
    try (StreamsApp app = app(config)) {
      app.start();
      app.awaitRunning(PATIENCE);
      published(config, OBJECTS * PHOTOS);
      before = views(app);
      assertHistory(app, before.get(0));
    }
    Utils.delete(StreamsApp.stateDirectory(config).toFile());

    try (StreamsApp app = app(config)) {
      app.start();
      app.awaitRunning(PATIENCE);
      assertThat(app.health().ready()).allMatch(check -> check.ok());
      assertThat(views(app)).usingRecursiveFieldByFieldElementComparator().isEqualTo(before);
    }
  }

  @Test
  void shouldCarryPhotosLargerThanKafkasDefaults() throws Exception {
    AccreteConfig config = config("large");
    createTopics(config);
    byte[] photo = noise(1100); // 3.6 MB
    byte[] garbage = Arrays.copyOf(photo, photo.length / 2);
    Topics topics = new Topics(config);
    Map<String, Object> roomy = new HashMap<>(config.kafkaClient());
    roomy.put("max.request.size", topics.maxMessageBytes());
    try (var producer = new KafkaProducer<>(roomy, new StringSerializer(), AvroSerdes.<ImageEvent>serializer(config))) {
      producer.send(new ProducerRecord<>(topics.imageEvents(), "bad", add("a", garbage))).get();
      producer.send(new ProducerRecord<>(topics.imageEvents(), "good", add("a", photo))).get();
    }
    try (StreamsApp app = app(config)) {
      app.start();
      app.awaitRunning(PATIENCE);
      assertThat(published(config, 1)).containsOnlyKeys("good");
      try (var letters = consumer(config, topics.deadLetters(), new ByteArrayDeserializer())) {
        List<ConsumerRecord<String, byte[]>> read = read(letters, 1);
        assertThat(read).singleElement().satisfies(letter -> {
          assertThat(letter.key()).isEqualTo("bad");
          assertThat(letter.value()).hasSizeGreaterThan(garbage.length);
          assertThat(letter.headers().lastHeader(DeadLetters.REASON).value()).asString(StandardCharsets.UTF_8).isEqualTo("IMAGE_CORRUPT");
        });
      }
    }
  }

  @Test
  void shouldSayThatTheStateDirectoryIsInUse() {
    AccreteConfig config = config("locked");
    try (StreamsApp app = app(config)) {
      assertThat(app.health().ready()).first().extracting(check -> check.ok()).isEqualTo(false);
      assertThatExceptionOfType(StreamsAppException.class).isThrownBy(() -> app(config))
          .withMessageContaining(config.getString(ConfigKeys.STATE_DIR)).withMessageContaining("state.dir");
    }
  }

  @Test
  void shouldWaitForWhatDoesNotAnswerWhenItBeginsAndEndAtWhatIsWrong() throws Exception {
    AccreteConfig config = config("patient");
    AtomicInteger tries = new AtomicInteger();
    Consumer<Bundle> publisher = given -> {
      if (tries.incrementAndGet() < 3) {
        throw new IllegalStateException("No broker answered in time.", new TimeoutException("A test's timeout"));
      }
      new ModelPublisher(config).publishUnlessKnown(given);
    };
    try (StreamsApp app = new StreamsApp(config, bundle, publisher, new SimpleMeterRegistry())) {
      app.start();
      app.awaitRunning(PATIENCE);
      assertThat(tries).hasValue(3);
    }
    Consumer<Bundle> wrong = given -> {
      throw new IllegalStateException("Another model has this version.");
    };
    try (StreamsApp app = new StreamsApp(config, bundle, wrong, new SimpleMeterRegistry())) {
      app.start();
      assertThat(app.awaitEnd()).contains("Another model has this version.");
    }
  }

  private static StreamsApp app(AccreteConfig config) {
    return new StreamsApp(config, bundle, new ModelPublisher(config)::publishUnlessKnown, new SimpleMeterRegistry());
  }

  private static AccreteConfig config(String name) {
    return AccreteConfig.of(Map.ofEntries(
        Map.entry(ConfigKeys.BOOTSTRAP_SERVERS, broker.bootstrapServers()),
        Map.entry(ConfigKeys.REGISTRY_URL, registry.url().toString()),
        Map.entry(ConfigKeys.APPLICATION_ID, name),
        Map.entry(ConfigKeys.TOPIC_IMAGE_EVENTS, name + "-events"),
        Map.entry(ConfigKeys.TOPIC_EMBEDDINGS_PREFIX, name + "-embeddings"),
        Map.entry(ConfigKeys.TOPIC_IMAGE_SETS, name + "-sets"),
        Map.entry(ConfigKeys.TOPIC_MODEL_VERSIONS, name + "-versions"),
        Map.entry(ConfigKeys.TOPIC_MODEL_ROLLOUTS, name + "-rollouts"),
        Map.entry(ConfigKeys.TOPIC_ROLLOUT_REPORTS, name + "-reports"),
        Map.entry(ConfigKeys.TOPIC_ROLLOUT_COMMANDS, name + "-commands"),
        Map.entry(ConfigKeys.TOPIC_PARTITIONS, "2"),
        Map.entry(ConfigKeys.STATE_DIR, folder.resolve("state-" + name).toString()),
        // The broker's minimum: after a failure the partitions of the failed thread wait for it.
        Map.entry(AccreteConfig.KAFKA_PREFIX + "consumer.session.timeout.ms", "6000")));
  }

  private static void createTopics(AccreteConfig config) {
    try (Admin admin = Admin.create(config.kafkaClient())) {
      new Topics(config).create(admin);
    }
  }

  /** All photos, each sent twice. */
  private static void send(AccreteConfig config) throws Exception {
    try (var producer = new KafkaProducer<>(config.kafkaClient(), new StringSerializer(), AvroSerdes.<ImageEvent>serializer(config))) {
      String topic = new Topics(config).imageEvents();
      for (int photo = 0; photo < PHOTOS; photo++) {
        for (int object = 0; object < OBJECTS; object++) {
          ImageEvent event = add("photo" + photo, CATALOGUE.photo(object, photo));
          producer.send(new ProducerRecord<>(topic, CATALOGUE.objectId(object), event));
          producer.send(new ProducerRecord<>(topic, CATALOGUE.objectId(object), event)).get();
        }
      }
    }
  }

  private static ServedModel served(Model model, AtomicInteger calls, Set<Integer> failures) {
    ServedModel real = ServedModel.of(model, ImageLimits.LOCAL);
    return new ServedModel(real.version(), real.encoderHash(), image -> {
      if (failures.contains(calls.incrementAndGet())) {
        throw new IllegalStateException("A test's failure");
      }
      return real.encoder().encode(image);
    }, real.folder());
  }

  private static float[] direct(Model model, int object) throws ImageException {
    ServedModel served = ServedModel.of(model, ImageLimits.LOCAL);
    Folded folded = null;
    for (int photo = 0; photo < PHOTOS; photo++) {
      float[] tokens = served.encoder().encode(CATALOGUE.photo(object, photo));
      folded = served.folder().fold(folded == null ? null : folded.state(), tokens, photo);
    }
    return folded.embedding();
  }

  private static List<ObjectView> views(StreamsApp app) throws Exception {
    List<ObjectView> views = new ArrayList<>();
    for (int object = 0; object < OBJECTS; object++) {
      views.add(app.queries().find(CATALOGUE.objectId(object), true).orElseThrow());
    }
    return views;
  }

  private static List<Long> sequences() {
    return LongStream.rangeClosed(1, PHOTOS).boxed().toList();
  }

  /** The first that many committed embeddings, by object in order. */
  private static Map<String, List<ObjectEmbedding>> published(AccreteConfig config, int count) {
    Map<String, List<ObjectEmbedding>> published = new HashMap<>();
    try (Deserializer<ObjectEmbedding> values = AvroSerdes.deserializer(ObjectEmbedding.class, config);
        var consumer = consumer(config, new Topics(config).embeddings(bundle.version()), values)) {
      read(consumer, count).forEach(each -> published.computeIfAbsent(each.key(), any -> new ArrayList<>()).add(each.value()));
    }
    return published;
  }

  /** How many images each object had at its committed image sets, in order: as many sets as there should be, and all that follow. */
  private static Map<String, List<Integer>> setSizes(AccreteConfig config) {
    try (Deserializer<ImageSet> values = AvroSerdes.deserializer(ImageSet.class, config);
        var consumer = consumer(config, new Topics(config).imageSets(), values)) {
      List<ConsumerRecord<String, ImageSet>> sets = read(consumer, OBJECTS * DOUBLINGS);
      Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(500)).forEach(sets::add);
      }
      return sets.stream().collect(Collectors.groupingBy(ConsumerRecord::key,
          Collectors.mapping(set -> set.value().getImageCount(), Collectors.toList())));
    }
  }

  private static <V> KafkaConsumer<String, V> consumer(AccreteConfig config, String topic, Deserializer<V> values) {
    Map<String, Object> settings = new HashMap<>(config.kafkaClient());
    settings.putAll(Map.of("isolation.level", "read_committed", "group.id", topic + "-test", "auto.offset.reset", "earliest"));
    KafkaConsumer<String, V> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), values);
    consumer.subscribe(List.of(topic));
    return consumer;
  }

  private static <V> List<ConsumerRecord<String, V>> read(KafkaConsumer<String, V> consumer, int count) {
    List<ConsumerRecord<String, V>> read = new ArrayList<>();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (read.size() < count && System.nanoTime() < deadline) {
      consumer.poll(Duration.ofMillis(500)).forEach(read::add);
    }
    return read;
  }

  private static ImageEvent add(String image, byte[] content) {
    return new ImageEvent(image, Operation.ADD, ByteBuffer.wrap(content), null, null, Map.of());
  }

  /** A photo that does not compress. */
  private static byte[] noise(int side) throws IOException {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, side, side, new Random(1).ints((long) side * side).toArray(), 0, side);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }
}
