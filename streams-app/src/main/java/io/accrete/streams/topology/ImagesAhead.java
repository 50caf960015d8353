package io.accrete.streams.topology;

import io.accrete.config.AccreteConfig;
import io.accrete.config.Threads;
import io.accrete.content.ContentResolver;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.image.ImageException;
import io.accrete.streams.ahead.AheadMetrics;
import io.accrete.streams.ahead.AheadSettings;
import io.accrete.streams.ahead.Budget;
import io.accrete.streams.ahead.Dispatcher;
import io.accrete.streams.ahead.FairExecutor;
import io.accrete.streams.ahead.Polled;
import io.accrete.streams.encode.BatchEncoder;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ServedModel;
import io.accrete.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * The way of a record ahead of the stream thread: parse, read the content, decode, encode in a batch; shared by all stream threads. Nothing
 * is decided here: the processor takes what is done, by the hash of the encoder it needs, and does the rest as if this were not there. So
 * whatever goes wrong here is at most work done twice; and an image that its object has already is encoded in vain. Images of the ledger
 * that a sweep is about to fold again go the same way, with what events leave.
 */
public final class ImagesAhead implements AutoCloseable {
  private static final int SMALLEST_PHOTO = 1024; // bytes; a record with less has a reference, or little to do
  private static final double NEWEST = 0.1; // weight of a content in the mean

  private final EventParser parser;
  private final ContentReader contents;
  private final Supplier<Optional<LiveModels>> models;
  private final Budget budget;
  private final AheadMetrics metrics;
  private final Dispatcher dispatcher;
  private final FairExecutor decoders;
  private final FairExecutor fetchers;
  private final Polled<AheadImage> polled;
  private volatile Encoders encoders = Encoders.of(Optional.empty());
  private volatile double contentBytes = 256 * 1024; // of what references name, as a mean; before anything is known a guess

  /**
   * Ready for what is polled.
   *
   * @param models which there are now; they may be closed at any time
   */
  public ImagesAhead(AccreteConfig config, AheadSettings settings, Supplier<Optional<LiveModels>> models, ContentResolver content,
      Deserializer<ImageEvent> events, MeterRegistry meters) {
    Threads threads = Threads.of(config);
    parser = new EventParser(events, new RegistryPatience(Duration.ZERO)); // the processor is the one who waits for the registry
    contents = new ContentReader(content);
    this.models = models;
    budget = new Budget(settings.bytes());
    metrics = new AheadMetrics(meters, budget);
    dispatcher = new Dispatcher(threads.encoders(), settings.batch(), settings.waiting(), metrics);
    decoders = new FairExecutor("decoder", threads.decoders());
    fetchers = new FairExecutor("fetcher", threads.fetchers());
    polled = new Polled<>(new Topics(config).imageEvents(), this::begin);
  }

  /** What the stream threads polled. */
  public Polled<?> polled() {
    return polled;
  }

  /** Of a record that its thread is about to process. */
  Optional<AheadImage> take(Origin origin) {
    return polled.take(origin.partition(), origin.offset());
  }

  /**
   * Begins to encode an image of the ledger, if there is room: events go first.
   *
   * @param content read by a thread of its own if it lies elsewhere
   */
  Optional<AheadImage> again(int partition, ServedModel model, Content content) {
    Optional<BatchEncoder> encoder = model.encoder().batches();
    long expected = content.uri() == null ? 0 : (long) contentBytes;
    if (encoder.isEmpty() || !budget.take(bytes(encoder.get()) + expected)) {
      return Optional.empty();
    }
    ByteBuffer hash = ByteBuffer.wrap(model.encoderHash());
    AheadImage image = new AheadImage(Map.of(hash, new CompletableFuture<>()), budget, bytes(encoder.get()) + expected, expected);
    Work work = new Work(image, "sweep of " + partition, false, Map.of(hash, encoder.get()));
    if (content.uri() == null) {
      attempt(image, () -> hold(work, content.bytes()));
    } else {
      onFetcher(work, () -> holdFetched(work, content.bytes()));
    }
    return Optional.of(image);
  }

  /** How long an encoder is busy with an image, as a mean of the last ones. */
  long imageNanos() {
    return dispatcher.imageNanos();
  }

  /** Whether this thread polled more events than it has come to. */
  boolean hasMore() {
    return polled.hasMore();
  }

  void forget(int partition) {
    polled.forget(partition);
  }

  AheadMetrics metrics() {
    return metrics;
  }

  /** Empty: enough is held. */
  private Optional<AheadImage> begin(ConsumerRecord<byte[], byte[]> record) {
    Encoders encoders = encoders();
    long expected = record.value().length < SMALLEST_PHOTO ? (long) contentBytes : 0;
    long bytes = record.value().length + expected + encoders.bytes;
    if (!budget.take(bytes)) {
      return Optional.empty();
    }
    Map<ByteBuffer, CompletableFuture<float[]>> tokens = new HashMap<>();
    encoders.byHash.keySet().forEach(encoder -> tokens.put(encoder, new CompletableFuture<>()));
    Work work = new Work(new AheadImage(tokens, budget, bytes, expected), record.partition(), true, encoders.byHash);
    onDecoder(work, () -> read(work, record));
    return Optional.of(work.image);
  }

  private static long bytes(BatchEncoder encoder) {
    return encoder.pixelBytes() + encoder.tokenBytes();
  }

  /** Of the versions that events fold into; asked for every record, and hardly ever changed. */
  private Encoders encoders() {
    Optional<LiveModels> live = models.get();
    Encoders last = encoders;
    if (!last.live.equals(live)) {
      last = Encoders.of(live);
      encoders = last;
    }
    return last;
  }

  private void read(Work work, ConsumerRecord<byte[], byte[]> record) throws RejectedEventException {
    ImageEvent event = parser.event(record.topic(), record.value());
    if (event.getOperation() != Operation.ADD) {
      work.image.read().complete(new AheadImage.Read(event, null, null));
    } else if (event.getContent() instanceof ContentReference) {
      onFetcher(work, () -> fetch(work, event));
    } else {
      work.image.hold(0); // a small record need not be a reference
      Content content = contents.of(event);
      work.image.read().complete(new AheadImage.Read(event, content, null));
      decode(work, content.bytes());
    }
  }

  private void fetch(Work work, ImageEvent event) {
    Content content = null;
    try {
      content = contents.of(event).fetched();
      holdFetched(work, content.bytes());
      work.image.read().complete(new AheadImage.Read(event, content, null));
    } catch (RejectedEventException e) {
      work.image.read().complete(new AheadImage.Read(event, content, e));
    }
  }

  private void holdFetched(Work work, byte[] bytes) {
    contentBytes = (1 - NEWEST) * contentBytes + NEWEST * bytes.length;
    hold(work, bytes);
  }

  private void hold(Work work, byte[] bytes) {
    if (work.image.hold(bytes.length)) {
      onDecoder(work, () -> decode(work, bytes));
    } else {
      work.image.fail(new IllegalStateException("No room for the content."));
    }
  }

  private void decode(Work work, byte[] bytes) {
    work.encoders.forEach((hash, encoder) -> {
      try {
        dispatcher.submit(work.urgent, work.party, encoder, encoder.pixels(bytes), work.image.tokens(hash));
      } catch (ImageException e) {
        work.image.tokens(hash).completeExceptionally(e);
      }
    });
  }

  private void onFetcher(Work work, Step step) {
    fetchers.execute(work.party, () -> attempt(work.image, step));
  }

  private void onDecoder(Work work, Step step) {
    dispatcher.expect();
    decoders.execute(work.party, () -> {
      attempt(work.image, step);
      dispatcher.arrived();
    });
  }

  private static void attempt(AheadImage image, Step step) {
    try {
      if (image.isWanted()) {
        step.run();
      }
    } catch (RejectedEventException | RuntimeException | Error e) { // the processor meets it again, where it can be dealt with
      image.fail(e);
    }
  }

  /** Ends the work under way. To be called when no stream thread waits for it any more. */
  @Override
  public void close() {
    fetchers.close();
    decoders.close();
    dispatcher.close();
  }

  /**
   * An image under way.
   *
   * @param party whose turn it is to have work done
   * @param encoders by their hash
   */
  private record Work(AheadImage image, Object party, boolean urgent, Map<ByteBuffer, BatchEncoder> encoders) {}

  /**
   * The encoders of all versions that events fold into.
   *
   * @param byHash versions that share an encoder share its tokens
   * @param bytes of an image's pixels and tokens by all of them
   */
  private record Encoders(Optional<LiveModels> live, Map<ByteBuffer, BatchEncoder> byHash, long bytes) {
    static Encoders of(Optional<LiveModels> live) {
      Map<ByteBuffer, BatchEncoder> byHash = new LinkedHashMap<>();
      live.ifPresent(models -> models.folding().forEach(model -> model.encoder().batches()
          .ifPresent(encoder -> byHash.putIfAbsent(ByteBuffer.wrap(model.encoderHash()), encoder))));
      return new Encoders(live, byHash, byHash.values().stream().mapToLong(ImagesAhead::bytes).sum());
    }
  }

  private interface Step {
    void run() throws RejectedEventException;
  }
}
