package io.accrete.streams.topology;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.content.ContentException;
import io.accrete.content.ContentResolver;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageEvent;
import io.accrete.events.ImageSet;
import io.accrete.events.ObjectEmbedding;
import io.accrete.events.Operation;
import io.accrete.events.RolloutReport;
import io.accrete.image.ImageException;
import io.accrete.runtime.Folded;
import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import io.accrete.streams.ahead.AheadMetrics;
import io.accrete.streams.ahead.AheadSettings;
import io.accrete.streams.ahead.PollInterceptor;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.similarity.SimilarObjects;
import io.accrete.streams.store.Floats;
import io.accrete.streams.store.ObjectStores;
import io.accrete.streams.store.RocksDbMemory;
import io.accrete.streams.store.StateStores;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;

/** The topology under Kafka's test driver, with real RocksDB stores and real image decoding; events in, embeddings and dead letters out. */
final class Harness implements AutoCloseable {
  /** Any instant: nothing may depend on the wall clock. */
  static final Instant START = Instant.parse("2020-01-01T00:00:00Z");

  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final OutcomeWatch outcomes = new OutcomeWatch();
  /** What references point at. */
  final Map<String, byte[]> web = new HashMap<>();
  /** What the topology finds when it looks. */
  private LiveModels models;
  /** What the stores told of their objects. */
  final SimilarObjects similar = new SimilarObjects(true, Long.MAX_VALUE, this::versions, this::stored);
  private final RocksDbMemory memory = new RocksDbMemory(16 << 20);
  private final ImagesAhead ahead;
  private final PollInterceptor consumer = new PollInterceptor();
  private final TopologyTestDriver driver;
  private final TestInputTopic<byte[], byte[]> events;
  private int sent;

  Harness(Path stateDir, ServedModel model, Map<String, String> settings) {
    this(stateDir, model, settings, avroReader(), avroWriter());
  }

  Harness(Path stateDir, ServedModel model, Map<String, String> settings, Deserializer<ImageEvent> reader,
      Serializer<SpecificRecord> writer) {
    models = LiveModels.only(model);
    Map<String, String> all = new HashMap<>(Map.of(ConfigKeys.TRANSACTION_TIMEOUT, "900000", ConfigKeys.IMAGE_MAX_BYTES, "65536"));
    all.putAll(settings);
    ContentResolver content = uri -> {
      byte[] bytes = web.get(uri);
      if (bytes == null) {
        throw new ContentException(ContentException.Reason.NOT_FOUND, "There is nothing at " + uri + ".");
      }
      return bytes;
    };
    AccreteConfig config = AccreteConfig.of(all);
    ahead = new ImagesAhead(config, AheadSettings.of(config), () -> Optional.of(models), content, reader, meters);
    consumer.configure(Map.of(PollInterceptor.POLLED, ahead.polled()));
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "accrete");
    properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    properties.putAll(memory.streamsConfig());
    driver = new TopologyTestDriver(
        AccreteTopology.build(config, () -> () -> models, content, reader, writer, meters, ahead, similar, outcomes, Duration.ZERO),
        properties, START);
    events = driver.createInputTopic("image-events", new ByteArraySerializer(), new ByteArraySerializer());
  }

  private Set<String> versions() {
    return models.folding().stream().map(ServedModel::version).collect(Collectors.toSet());
  }

  private Optional<KeyValueIterator<String, ObjectState>> stored(int partition) {
    return driver == null ? Optional.empty() : Optional.of(driver.<String, ObjectState>getKeyValueStore(StateStores.OBJECTS).all());
  }

  static Deserializer<ImageEvent> avroReader() {
    return (topic, bytes) -> {
      try {
        return ImageEvent.getDecoder().decode(bytes);
      } catch (IOException | RuntimeException e) {
        throw new SerializationException("not an event", e);
      }
    };
  }

  static Serializer<SpecificRecord> avroWriter() {
    return (topic, value) -> bytes(() -> value instanceof ImageSet set ? set.toByteBuffer()
        : value instanceof RolloutReport report ? report.toByteBuffer()
        : ((ObjectEmbedding) value).toByteBuffer());
  }

  static byte[] bytes(ImageEvent event) {
    return bytes(event::toByteBuffer);
  }

  private static byte[] bytes(Encoding encoding) {
    try {
      ByteBuffer buffer = encoding.encode();
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void add(String object, String image, byte[] content) {
    add(object, image, ByteBuffer.wrap(content), Map.of());
  }

  void addReference(String object, String image, String uri, byte[] hashOf) {
    add(object, image, new ContentReference(uri, hashOf == null ? null : Content.hex(Content.sha256(hashOf))), Map.of());
  }

  void add(String object, String image, Object content, Map<String, String> attributes) {
    send(object, ImageEvent.newBuilder().setImageId(image).setContent(content).setAttributes(attributes).build());
  }

  void remove(String object, String image) {
    send(object, ImageEvent.newBuilder().setImageId(image).setOperation(Operation.REMOVE).build());
  }

  void delete(String object) {
    sendRaw(object.getBytes(StandardCharsets.UTF_8), null);
  }

  void send(String object, ImageEvent event) {
    sendRaw(object.getBytes(StandardCharsets.UTF_8), bytes(event));
  }

  void sendRaw(byte[] key, byte[] value) {
    send(new TestRecord<>(key, value, START.plusSeconds(sent)));
  }

  void send(TestRecord<byte[], byte[]> record) {
    events.pipeInput(record);
    sent++;
  }

  /** Polls events of one object and then processes them, as a stream thread does; without a poll nothing is done ahead. */
  void pollAndSend(String object, List<ImageEvent> polled) {
    poll(object, polled);
    polled.forEach(event -> send(object, event));
  }

  /** Shows the next records to the interceptor of the consumer, as a poll would. */
  void poll(String object, List<ImageEvent> polled) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (ImageEvent event : polled) {
      records.add(new ConsumerRecord<>("image-events", 0, (long) sent + records.size(), object.getBytes(StandardCharsets.UTF_8),
          bytes(event)));
    }
    TopicPartition partition = new TopicPartition("image-events", 0);
    consumer.onConsume(new ConsumerRecords<>(Map.of(partition, records), Map.of()));
  }

  /** Images whose tokens came from a batch. */
  double hits() {
    return meters.counter(AheadMetrics.IMAGES, "outcome", "hit").count();
  }

  double misses() {
    return meters.counter(AheadMetrics.IMAGES, "outcome", "miss").count();
  }

  /** Bytes held ahead. */
  double held() {
    return meters.get(AheadMetrics.BYTES).gauge().value();
  }

  /** Other models from the next record or punctuation on. */
  void models(LiveModels models) {
    this.models = models;
  }

  /** Time for one slice of a sweep: one image, or one object that needs none. */
  void tick() {
    driver.advanceWallClockTime(Duration.ofMinutes(1)); // more than any rest
  }

  /** Reports since the last call. */
  List<RolloutReport> reports() {
    return driver.createOutputTopic("rollout-reports", new ByteArrayDeserializer(), new ByteArrayDeserializer()).readValuesToList().stream()
        .map(report -> decode(report, RolloutReport::fromByteBuffer)).toList();
  }

  /** Embeddings published since the last call; a null value says that the object is gone. */
  List<TestRecord<String, ObjectEmbedding>> embeddings() {
    return embeddings(models.serving().version());
  }

  List<TestRecord<String, ObjectEmbedding>> embeddings(String version) {
    return driver.createOutputTopic("object-embeddings." + version, (topic, key) -> new String(key, StandardCharsets.UTF_8),
        (topic, bytes) -> bytes == null ? null : decode(bytes, ObjectEmbedding::fromByteBuffer)).readRecordsToList();
  }

  List<TestRecord<byte[], byte[]>> embeddingBytes() {
    String topic = "object-embeddings." + models.serving().version();
    return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer()).readRecordsToList();
  }

  /** Image sets published since the last call. */
  List<ImageSet> imageSets() {
    return imageSetBytes().stream().map(set -> decode(set.value(), ImageSet::fromByteBuffer)).toList();
  }

  List<TestRecord<byte[], byte[]>> imageSetBytes() {
    return driver.createOutputTopic("image-sets", new ByteArrayDeserializer(), new ByteArrayDeserializer()).readRecordsToList();
  }

  /** Dead letters since the last call. */
  List<TestRecord<byte[], byte[]>> deadLetters() {
    return driver.createOutputTopic("image-events.dlq", new ByteArrayDeserializer(), new ByteArrayDeserializer()).readRecordsToList();
  }

  static String header(TestRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  Optional<ObjectState> object(String object) {
    return Optional.ofNullable(driver.<String, ObjectState>getKeyValueStore(StateStores.OBJECTS).get(object));
  }

  List<LedgerEntry> ledger(String object) {
    return ObjectStores.ledger(driver.getKeyValueStore(StateStores.LEDGER), object);
  }

  float[] embedding(String object) {
    return embedding(object, models.serving().version());
  }

  float[] embedding(String object, String version) {
    return Floats.fromBytes(object(object).orElseThrow().getLatents().get(version).getEmbedding());
  }

  /** Loses the bytes of an image that came by value. */
  void lose(String object, String image) {
    KeyValueStore<Bytes, byte[]> images = driver.getKeyValueStore(StateStores.IMAGES);
    try (var all = images.all()) {
      all.forEachRemaining(entry -> {
        if (new String(entry.key.get(), StandardCharsets.UTF_8).endsWith(object + image)) {
          images.delete(entry.key);
        }
      });
    }
  }

  /** Copies the stores of another run, as a restart with other settings would find them. */
  void takeOver(Harness other) {
    for (String store : List.of(StateStores.OBJECTS, StateStores.LEDGER, StateStores.IMAGES, StateStores.SWEEPS)) {
      KeyValueStore<Object, Object> mine = driver.getKeyValueStore(store);
      try (var all = other.driver.getKeyValueStore(store).all()) {
        all.forEachRemaining(entry -> mine.put(entry.key, entry.value));
      }
    }
  }

  long entries(String store) {
    try (var all = driver.getKeyValueStore(store).all()) {
      long count = 0;
      for (; all.hasNext(); all.next()) {
        count++;
      }
      return count;
    }
  }

  double count(Outcome outcome) {
    return meters.counter(TopologyMetrics.EVENTS, "outcome", outcome.name().toLowerCase(java.util.Locale.ROOT)).count();
  }

  /** The embedding of these images from nothing, without topology or stores. */
  static float[] direct(ServedModel model, List<byte[]> images) {
    Folded folded = null;
    for (int i = 0; i < images.size(); i++) {
      try {
        folded = model.folder().fold(folded == null ? null : folded.state(), model.encoder().encode(images.get(i)), i);
      } catch (ImageException e) {
        throw new IllegalArgumentException(e);
      }
    }
    return folded.embedding();
  }

  private static <T> T decode(byte[] bytes, Decoding<T> decoding) {
    try {
      return decoding.decode(ByteBuffer.wrap(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    driver.close();
    similar.close();
    consumer.close();
    ahead.close();
    memory.close();
  }

  private interface Decoding<T> {
    T decode(ByteBuffer bytes) throws IOException;
  }

  private interface Encoding {
    ByteBuffer encode() throws IOException;
  }
}
