package io.accrete.streams.topology;

import static io.accrete.streams.topology.Harness.direct;
import static io.accrete.streams.topology.Photos.jpeg;
import static io.accrete.streams.topology.Photos.png;
import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.config.ConfigKeys;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.image.ImageException;
import io.accrete.streams.encode.BatchEncoder;
import io.accrete.streams.encode.ImageEncoder;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ServedModel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.apache.kafka.streams.test.TestRecord;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The topology with what was polled encoded ahead, over a real bundle in ONNX Runtime. */
@Timeout(120)
class ImagesAheadTest {
  private static final Offset<Float> CLOSE = Offset.offset(1e-6f);
  private static final Map<String, String> PATIENT = Map.of(); // the harness has the longest transactions

  @TempDir static Path folder;
  private static SmallModel first;
  private static SmallModel second;

  @TempDir Path state;

  @BeforeAll
  static void load() {
    first = new SmallModel(folder.resolve("first"), 12, 1, 2);
    second = new SmallModel(folder.resolve("second"), 12, 3, 4);
  }

  @AfterAll
  static void unload() {
    first.close();
    second.close();
  }

  @Test
  void shouldFoldWhatWasEncodedInBatches() {
    int alone = first.encoded.get();
    try (Harness app = new Harness(state, first.served(), PATIENT)) {
      List<ImageEvent> events = IntStream.range(0, 40).mapToObj(i -> add("image" + i, i % 2 == 0 ? png(i) : jpeg(i))).toList();
      app.pollAndSend("mug", events);
      assertThat(app.hits()).isEqualTo(40);
      assertThat(first.encoded).hasValue(alone);
      assertThat(app.held()).isZero();
      List<byte[]> photos = IntStream.range(0, 40).mapToObj(i -> i % 2 == 0 ? png(i) : jpeg(i)).toList();
      assertThat(app.embedding("mug")).containsExactly(direct(first.served(), photos), CLOSE);
      assertThat(app.embeddings()).hasSize(40);
    }
  }

  @Test
  void shouldPublishTheSameWithAndWithoutAPoll() {
    List<ImageEvent> events = everything();
    try (Harness ahead = new Harness(state.resolve("ahead"), first.served(), Map.of(ConfigKeys.OBJECT_MAX_IMAGES, "7"));
        Harness inline = new Harness(state.resolve("inline"), first.served(), Map.of(ConfigKeys.OBJECT_MAX_IMAGES, "7"))) {
      List.of(ahead, inline).forEach(app -> app.web.put("https://shop/mug.png", png(5)));
      ahead.poll("mug", events);
      events.forEach(event -> ahead.send("mug", event));
      events.forEach(event -> inline.send("mug", event));
      List<TestRecord<byte[], byte[]>> letters = ahead.deadLetters();
      assertThat(letters).hasSize(8).usingRecursiveComparison().isEqualTo(inline.deadLetters());
      assertThat(ahead.ledger("mug")).isEqualTo(inline.ledger("mug")).hasSize(6);
      assertThat(ahead.embedding("mug")).containsExactly(inline.embedding("mug"), CLOSE);
      assertThat(ahead.hits()).isPositive();
      assertThat(inline.hits()).isZero();
      for (Outcome outcome : Outcome.values()) {
        assertThat(ahead.count(outcome)).as(outcome.name()).isEqualTo(inline.count(outcome));
      }
    }
  }

  /** Additions by value and by reference, replacements, duplicates, removals and whatever cannot be processed. */
  private static List<ImageEvent> everything() {
    byte[] half = jpeg(1);
    List<ImageEvent> events = new ArrayList<>(List.of(
        add("a", png(1)),
        add("b", png(2)),
        add("a", png(1)),
        add("corrupt", Arrays.copyOf(half, half.length / 2)),
        add("words", "no image".getBytes(StandardCharsets.UTF_8)),
        add("empty", new byte[0]),
        refer("c", "https://shop/mug.png", png(5)),
        refer("hashless", "https://shop/mug.png", null),
        refer("gone", "https://shop/gone.png", png(6)),
        refer("gone and hashless", "https://shop/gone.png", null),
        refer("other", "https://shop/mug.png", png(6)),
        refer("b", "https://shop/away.png", png(2)), // a duplicate, whose content need not be there
        add("b", png(3)),
        remove("a"),
        remove("a"),
        add("", png(1)),
        add("a", png(4))));
    IntStream.range(0, 2).forEach(i -> events.add(add("more" + i, png(10 + i))));
    IntStream.range(0, 2).forEach(i -> events.add(add("late" + i, png(20 + i))));
    events.add(remove("more0"));
    return events;
  }

  @Test
  void shouldEncodeForEveryVersionThatEventsFoldInto() {
    int alone = first.encoded.get() + second.encoded.get();
    try (Harness app = new Harness(state, first.served(), PATIENT)) {
      app.models(both());
      app.pollAndSend("mug", List.of(add("a", png(1)), add("b", png(2))));
      assertThat(app.hits()).isEqualTo(4);
      assertThat(first.encoded.get() + second.encoded.get()).isEqualTo(alone);
      for (SmallModel model : List.of(first, second)) {
        assertThat(app.embedding("mug", model.version())).containsExactly(direct(model.served(), List.of(png(1), png(2))), CLOSE);
      }
    }
  }

  @Test
  void shouldTakeTokensOfTheEncoderItNeedsOnlyWhenModelsChangeInBetween() {
    try (Harness app = new Harness(state, first.served(), PATIENT)) {
      List<ImageEvent> events = List.of(add("a", png(1)), add("b", png(2)));
      app.poll("mug", events);
      app.models(LiveModels.only(second.served()));
      events.forEach(event -> app.send("mug", event));
      assertThat(app.hits()).isZero();
      assertThat(app.misses()).isEqualTo(2);
      assertThat(app.embedding("mug")).containsExactly(direct(second.served(), List.of(png(1), png(2))), CLOSE);
    }
  }

  @Test
  void shouldHoldNoMoreThanAllowedAndGoOnAsThereIsRoom() {
    int one = png(1).length + 4096 + (256 << 10); // the record, what comes of it, and content that so small a record might refer to
    try (Harness app = new Harness(state, first.served(), Map.of(ConfigKeys.AHEAD_BYTES, Integer.toString(3 * one)))) {
      List<ImageEvent> events = IntStream.range(0, 20).mapToObj(i -> add("image" + i, png(i))).toList();
      app.poll("mug", events);
      assertThat(app.held()).isPositive().isLessThanOrEqualTo(3 * one);
      events.forEach(event -> app.send("mug", event));
      assertThat(app.hits()).isEqualTo(20);
      assertThat(app.held()).isZero();
    }
  }

  @Test
  void shouldLeaveRoomForWhatIsFetched() {
    try (Harness app = new Harness(state, first.served(), Map.of(ConfigKeys.AHEAD_BYTES, "600000"))) {
      List<ImageEvent> events = IntStream.range(0, 40).mapToObj(i -> {
        byte[] large = Arrays.copyOf(png(i), 50_000);
        app.web.put("https://shop/" + i + ".png", large);
        return refer("image" + i, "https://shop/" + i + ".png", large);
      }).toList();
      app.poll("mug", events);
      events.forEach(event -> app.send("mug", event));
      assertThat(app.hits()).isEqualTo(40);
      assertThat(app.held()).isZero();
    }
  }

  @Test
  void shouldEncodeAloneWhatIsTooLargeToBeHeld() {
    try (Harness app = new Harness(state, first.served(), Map.of(ConfigKeys.AHEAD_BYTES, "100"))) {
      app.pollAndSend("mug", List.of(add("a", png(1))));
      assertThat(app.misses()).isEqualTo(1);
      assertThat(app.embedding("mug")).containsExactly(direct(first.served(), List.of(png(1))));
    }
  }

  @Test
  void shouldEncodeAloneWhatABatchFailedAt() {
    Unsteady device = new Unsteady(first.served().encoder(), new Semaphore(1000), true);
    try (Harness app = new Harness(state, with(device), PATIENT)) {
      app.pollAndSend("mug", List.of(add("a", png(1)), add("b", png(2))));
      assertThat(app.misses()).isEqualTo(2);
      assertThat(app.embedding("mug")).containsExactly(direct(first.served(), List.of(png(1), png(2))));
    }
  }

  @Test
  void shouldNotWaitLongerThanATransactionAllows() {
    Semaphore stalled = new Semaphore(0);
    Unsteady device = new Unsteady(first.served().encoder(), stalled, false);
    try (Harness app = new Harness(state, with(device), Map.of(ConfigKeys.TRANSACTION_TIMEOUT, "10000"))) {
      app.pollAndSend("mug", List.of(add("a", png(1))));
      assertThat(app.misses()).isEqualTo(1);
      assertThat(app.embedding("mug")).containsExactly(direct(first.served(), List.of(png(1))));
      stalled.release(1000);
    }
  }

  @Test
  void shouldFoldKeptFeaturesTheSameNowAndLater() {
    try (Harness app = new Harness(state, first.served(), Map.of(ConfigKeys.FEATURES_STORE, "true"))) {
      app.pollAndSend("mug", List.of(add("a", png(1)), add("b", png(2))));
      float[] now = app.embedding("mug");
      app.pollAndSend("mug", List.of(add("c", png(3)), remove("c")));
      assertThat(app.hits()).isEqualTo(3);
      assertThat(app.embedding("mug")).containsExactly(now);
    }
  }

  private static LiveModels both() {
    return new LiveModels(first.served(), List.of(first.served(), second.served()), Optional.empty(), Map.of());
  }

  private static ServedModel with(ImageEncoder encoder) {
    return new ServedModel("unsteady", first.served().encoderHash(), encoder, first.served().folder());
  }

  private static ImageEvent add(String image, byte[] content) {
    return ImageEvent.newBuilder().setImageId(image).setContent(ByteBuffer.wrap(content)).build();
  }

  private static ImageEvent refer(String image, String uri, byte[] hashOf) {
    return ImageEvent.newBuilder().setImageId(image)
        .setContent(new ContentReference(uri, hashOf == null ? null : Content.hex(Content.sha256(hashOf)))).build();
  }

  private static ImageEvent remove(String image) {
    return ImageEvent.newBuilder().setImageId(image).setOperation(Operation.REMOVE).build();
  }

  /** A real encoder whose batches wait for a permit each, and fail if they are to. */
  private record Unsteady(ImageEncoder real, Semaphore permits, boolean fails) implements ImageEncoder, BatchEncoder {
    @Override
    public float[] encode(byte[] image) throws ImageException {
      return real.encode(image);
    }

    @Override
    public Optional<BatchEncoder> batches() {
      return Optional.of(this);
    }

    @Override
    public byte[] pixels(byte[] image) throws ImageException {
      return real.batches().orElseThrow().pixels(image);
    }

    @Override
    public float[][] encode(ByteBuffer pixels) {
      permits.acquireUninterruptibly();
      if (fails) {
        throw new IllegalStateException("A test's failure");
      }
      return real.batches().orElseThrow().encode(pixels);
    }

    @Override
    public int pixelBytes() {
      return real.batches().orElseThrow().pixelBytes();
    }

    @Override
    public int tokenBytes() {
      return real.batches().orElseThrow().tokenBytes();
    }

    @Override
    public int batch() {
      return real.batches().orElseThrow().batch();
    }

    @Override
    public int batchesAtOnce() {
      return 1;
    }
  }
}
