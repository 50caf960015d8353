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
 * whatever goes wrong here is at most work done twice; and an image that its object has already is encoded in vain.
 */
public final class ImagesAhead implements AutoCloseable {
  private final EventParser parser;
  private final ContentReader contents;
  private final Supplier<Optional<LiveModels>> models;
  private final Budget budget;
  private final AheadMetrics metrics;
  private final Dispatcher dispatcher;
  private final FairExecutor decoders;
  private final FairExecutor fetchers;
  private final Polled<AheadImage> polled;

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
    dispatcher = new Dispatcher(settings.batch(), settings.waiting(), metrics);
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

  void forget(int partition) {
    polled.forget(partition);
  }

  AheadMetrics metrics() {
    return metrics;
  }

  /** Empty: enough is held. */
  private Optional<AheadImage> begin(ConsumerRecord<byte[], byte[]> record) {
    Map<ByteBuffer, BatchEncoder> encoders = encoders();
    long bytes = record.value().length + encoders.values().stream().mapToLong(each -> each.pixelBytes() + each.tokenBytes()).sum();
    if (!budget.take(bytes)) {
      return Optional.empty();
    }
    Map<ByteBuffer, CompletableFuture<float[]>> tokens = new HashMap<>();
    encoders.keySet().forEach(encoder -> tokens.put(encoder, new CompletableFuture<>()));
    AheadImage image = new AheadImage(tokens, budget, bytes);
    onDecoder(image, record.partition(), () -> read(image, record, encoders));
    return Optional.of(image);
  }

  /** Of the versions that events fold into, by the hash: versions that share an encoder share its tokens. */
  private Map<ByteBuffer, BatchEncoder> encoders() {
    Map<ByteBuffer, BatchEncoder> encoders = new LinkedHashMap<>();
    models.get().ifPresent(live -> live.folding().forEach(model -> model.encoder().batches()
        .ifPresent(encoder -> encoders.putIfAbsent(ByteBuffer.wrap(model.encoderHash()), encoder))));
    return encoders;
  }

  private void read(AheadImage image, ConsumerRecord<byte[], byte[]> record, Map<ByteBuffer, BatchEncoder> encoders)
      throws RejectedEventException {
    ImageEvent event = parser.event(record.topic(), record.value());
    if (event.getOperation() != Operation.ADD) {
      image.read().complete(new AheadImage.Read(event, null, null));
    } else if (event.getContent() instanceof ContentReference) {
      fetchers.execute(record.partition(), () -> attempt(image, () -> fetch(image, record.partition(), event, encoders)));
    } else {
      Content content = contents.of(event);
      image.read().complete(new AheadImage.Read(event, content, null));
      decode(image, record.partition(), content.bytes(), encoders);
    }
  }

  private void fetch(AheadImage image, int partition, ImageEvent event, Map<ByteBuffer, BatchEncoder> encoders) {
    Content content = null;
    try {
      content = contents.of(event).fetched();
      byte[] bytes = content.bytes();
      if (image.hold(bytes.length)) {
        image.read().complete(new AheadImage.Read(event, content, null));
        onDecoder(image, partition, () -> decode(image, partition, bytes, encoders));
      } else {
        image.fail(new IllegalStateException("No room for the content."));
      }
    } catch (RejectedEventException e) {
      image.read().complete(new AheadImage.Read(event, content, e));
    }
  }

  private void decode(AheadImage image, int partition, byte[] bytes, Map<ByteBuffer, BatchEncoder> encoders) {
    encoders.forEach((hash, encoder) -> {
      try {
        dispatcher.submit(partition, encoder, encoder.pixels(bytes), image.tokens(hash));
      } catch (ImageException e) {
        image.tokens(hash).completeExceptionally(e);
      }
    });
  }

  private void onDecoder(AheadImage image, int partition, Step step) {
    dispatcher.expect();
    decoders.execute(partition, () -> {
      attempt(image, step);
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

  private interface Step {
    void run() throws RejectedEventException;
  }
}
