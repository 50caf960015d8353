package io.accrete.streams.topology;

import static io.accrete.streams.topology.Photos.png;
import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.config.ConfigKeys;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageSet;
import io.accrete.events.SampledImage;
import io.accrete.state.LedgerEntry;
import io.accrete.streams.encode.ServedModel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSetSamplerTest {
  private static final int SMALLEST_SET_BYTES = 64 * 1024;

  @TempDir Path state;
  private final ServedModel model = new TinyModel().version("v1");
  private Harness app;

  @BeforeEach
  void start() {
    app = app("app", Map.of());
  }

  @AfterEach
  void stop() {
    app.close();
  }

  @Test
  void shouldSampleAnObjectWheneverItsImagesHaveDoubled() {
    grow(app, "mug", 33);
    app.add("cup", "a", png(1));

    List<ImageSet> sets = app.imageSets();
    assertThat(sets).extracting(ImageSet::getImageCount).containsExactly(2, 4, 8, 16, 32);
    assertThat(sets).extracting(set -> set.getImages().size()).containsExactly(2, 4, 8, 8, 8);
    assertThat(sets).allSatisfy(set -> assertThat(set.getObjectId()).isEqualTo("mug"));
    assertThat(sent(app)).isEqualTo(5);
  }

  @Test
  void shouldSendImagesByValueInTheOrderOfArrival() {
    app.add("mug", "c", png(1));
    app.add("mug", "a", png(2));
    app.add("mug", "d", png(3));
    app.add("mug", "b", png(4));

    assertThat(app.imageSets()).last().satisfies(set -> {
      assertThat(ids(set)).containsExactly("c", "a", "d", "b");
      assertThat(set.getImages()).extracting(SampledImage::getContent)
          .containsExactly(ByteBuffer.wrap(png(1)), ByteBuffer.wrap(png(2)), ByteBuffer.wrap(png(3)), ByteBuffer.wrap(png(4)));
      assertThat(set.getImages()).extracting(SampledImage::getSha256).first().isEqualTo(Content.hex(Content.sha256(png(1))));
      assertThat(set.getSampledAt()).isEqualTo(Harness.START.plusSeconds(3));
    });
  }

  @Test
  void shouldKeyASetByItsObjectAtTheTimeOfTheEvent() {
    grow(app, "mug", 2);

    TestRecord<byte[], byte[]> set = app.imageSetBytes().get(0);
    assertThat(set.key()).isEqualTo("mug".getBytes(StandardCharsets.UTF_8));
    assertThat(set.getRecordTime()).isEqualTo(Harness.START.plusSeconds(1));
  }

  @Test
  void shouldLeaveReferencesReferences() {
    app.web.put("s3://shop/a", png(1));
    app.addReference("mug", "a", "s3://shop/a", null);
    app.web.clear(); // unread from here on
    app.add("mug", "b", png(2));

    assertThat(app.imageSets()).singleElement().satisfies(set -> assertThat(set.getImages()).extracting(SampledImage::getContent)
        .containsExactly(new ContentReference("s3://shop/a", Content.hex(Content.sha256(png(1)))), ByteBuffer.wrap(png(2))));
  }

  @Test
  void shouldDrawEveryImageEquallyOften() {
    int objects = 400;
    int[] drawn = new int[4];
    try (Harness pairs = app("pairs", Map.of(ConfigKeys.SAMPLER_SET_IMAGES, "2"))) {
      for (int object = 0; object < objects; object++) {
        grow(pairs, "object" + object, drawn.length);
      }
      pairs.imageSets().stream().filter(set -> set.getImageCount() == drawn.length).forEach(set -> {
        assertThat(ids(set)).hasSize(2).isSorted().doesNotHaveDuplicates(); // the ids are in the order of arrival
        ids(set).forEach(id -> drawn[Integer.parseInt(id.substring("image".length()))]++);
      });
    }
    assertThat(Arrays.stream(drawn)).hasSize(4).allSatisfy(times -> assertThat(times).isBetween(160, 240)); // four standard deviations
  }

  @Test
  void shouldDrawAnewWithEverySequence() {
    grow(app, "mug", 16);
    Set<List<String>> draws = app.imageSets().stream().skip(3).map(ImageSetSamplerTest::ids).collect(Collectors.toSet());
    for (int i = 0; i < 5; i++) {
      app.add("mug", "image0", png(100 + i)); // a replacement: as many images as before
    }

    List<ImageSet> replaced = app.imageSets();
    assertThat(replaced).hasSize(5).allSatisfy(set -> assertThat(set.getImageCount()).isEqualTo(16));
    replaced.forEach(set -> draws.add(ids(set)));
    assertThat(draws).hasSize(6);
  }

  /** Computed apart from this code, from SHA-256 and the documented generator of {@link java.util.Random}. */
  @Test
  void shouldDrawTheSameOnEveryJavaPlatform() {
    grow(app, "mug", 16);

    assertThat(app.imageSets()).last().satisfies(set -> assertThat(ids(set))
        .containsExactly("image0", "image1", "image3", "image7", "image8", "image9", "image12", "image15"));
  }

  @Test
  void shouldSampleWhenAnImageCameAndAtNothingElse() {
    grow(app, "mug", 5);
    app.imageSets();

    app.remove("mug", "image4");
    app.add("mug", "image0", png(0));
    app.remove("mug", "none");
    assertThat(app.imageSets()).isEmpty();

    app.remove("mug", "image3");
    app.add("mug", "image3", png(3));
    assertThat(app.imageSets()).singleElement().extracting(ImageSet::getImageCount).isEqualTo(4);
  }

  @Test
  void shouldBeginAgainWithAnObjectThatWasDeleted() {
    grow(app, "mug", 4);
    app.delete("mug");
    app.imageSets();
    for (int i = 0; i < 4; i++) {
      app.add("mug", "new" + i, png(10 + i));
    }

    List<ImageSet> sets = app.imageSets();
    assertThat(sets).extracting(ImageSet::getImageCount).containsExactly(2, 4);
    assertThat(ids(sets.get(1))).containsExactly("new0", "new1", "new2", "new3");
  }

  @Test
  void shouldKeepToTheBytesOfASet() {
    try (Harness small = app("small", Map.of(ConfigKeys.SAMPLER_SET_BYTES, Integer.toString(SMALLEST_SET_BYTES)))) {
      for (int i = 0; i < 8; i++) {
        small.add("mug", "image" + i, padded(i, 14_000));
      }

      List<TestRecord<byte[], byte[]>> sets = small.imageSetBytes();
      assertThat(sets).hasSize(3).allSatisfy(set -> assertThat(set.value().length).isLessThanOrEqualTo(SMALLEST_SET_BYTES));
      assertThat(sets.get(1).value().length).isGreaterThan(4 * 14_000);
      assertThat(sets.get(2).value().length).isGreaterThan(4 * 14_000).isLessThan(5 * 14_000);
    }
  }

  @Test
  void shouldNeverExceedARecordOfTheTopic() {
    Map<String, String> large = Map.of(ConfigKeys.SAMPLER_SET_BYTES, Integer.toString(64 << 20), ConfigKeys.SAMPLER_SET_IMAGES, "64");
    try (Harness roomy = app("roomy", large)) {
      for (int i = 0; i < 32; i++) {
        roomy.add("mug", "image" + i, padded(i, 60_000));
      }

      int record = (1 << 20) + 65_536; // image.max.bytes of the harness, and the room beside an image
      assertThat(roomy.imageSetBytes()).last()
          .satisfies(set -> assertThat(set.value().length).isBetween(record - 65_536, record - 1024));
    }
  }

  @Test
  void shouldSendTheOthersWhenOneImageDoesNotFit() {
    try (Harness small = app("small", Map.of(ConfigKeys.SAMPLER_SET_BYTES, Integer.toString(SMALLEST_SET_BYTES)))) {
      small.add("mug", "a", png(1));
      small.add("mug", "b", padded(2, 65_000));
      assertThat(small.imageSets()).isEmpty();
      assertThat(small.meters.get(TopologyMetrics.IMAGE_SETS).tag("outcome", "too_few").counter().count()).isEqualTo(1);

      small.add("mug", "c", png(3));
      small.add("mug", "d", png(4));
      assertThat(small.imageSets()).singleElement().satisfies(set -> {
        assertThat(ids(set)).containsExactly("a", "c", "d");
        assertThat(set.getImageCount()).isEqualTo(4);
      });
      assertThat(small.deadLetters()).isEmpty();
      assertThat(small.count(Outcome.FOLDED)).isEqualTo(4);
    }
  }

  @Test
  void shouldLeaveOutAnImageWhoseBytesAreLost() {
    grow(app, "mug", 3);
    app.imageSets();
    app.lose("mug", "image1");
    app.add("mug", "image3", png(3));

    assertThat(app.imageSets()).singleElement().satisfies(set -> assertThat(ids(set)).containsExactly("image0", "image2", "image3"));
    assertThat(app.deadLetters()).isEmpty();
  }

  @Test
  void shouldSampleAShareOfTheObjects() {
    Set<String> half = sampled("0.5");
    assertThat(half).hasSizeBetween(60, 140); // of 200: six standard deviations
    assertThat(half).containsAll(sampled("0.1"));
    assertThat(sampled("0")).isEmpty();
    assertThat(sampled("1")).hasSize(200);
  }

  private Set<String> sampled(String share) {
    try (Harness some = app("share" + share, Map.of(ConfigKeys.SAMPLER_OBJECTS, share))) {
      IntStream.range(0, 200).forEach(object -> grow(some, "object" + object, 2));
      return some.imageSets().stream().map(ImageSet::getObjectId).collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @Test
  void shouldPublishTheSameBytesWhenReplayed() {
    scenario(app);
    try (Harness replay = app("replay", Map.of())) {
      scenario(replay);
      List<TestRecord<byte[], byte[]>> sets = replay.imageSetBytes();
      assertThat(sets).hasSizeGreaterThan(10).usingRecursiveFieldByFieldElementComparator().isEqualTo(app.imageSetBytes());
    }
  }

  private static void scenario(Harness app) {
    grow(app, "mug", 20);
    app.remove("mug", "image3");
    app.delete("mug");
    grow(app, "cup", 16);
    app.add("cup", "image7", png(77));
    grow(app, "mug", 16);
  }

  @Test
  void shouldChangeNothingElse() {
    scenario(app);
    try (Harness off = app("off", Map.of(ConfigKeys.SAMPLER_OBJECTS, "0"))) {
      scenario(off);
      assertThat(off.imageSets()).isEmpty();
      assertThat(off.embeddingBytes()).usingRecursiveFieldByFieldElementComparator().isEqualTo(app.embeddingBytes());
      assertThat(off.ledger("cup")).extracting(LedgerEntry::getImageId).hasSize(16)
          .isEqualTo(app.ledger("cup").stream().map(LedgerEntry::getImageId).toList());
    }
  }

  @Test
  void shouldWaitForTheRegistryAsEmbeddingsDo() {
    AtomicInteger attempts = new AtomicInteger();
    Serializer<SpecificRecord> writer = (topic, value) -> {
      if (value instanceof ImageSet && attempts.incrementAndGet() == 1) {
        throw new DisconnectException("registry");
      }
      return Harness.avroWriter().serialize(topic, value);
    };
    try (Harness waiting = new Harness(state.resolve("waiting"), model, Map.of(), Harness.avroReader(), writer)) {
      grow(waiting, "mug", 2);
      assertThat(attempts).hasValue(2);
      assertThat(waiting.imageSets()).hasSize(1);
      assertThat(waiting.deadLetters()).isEmpty();
    }
  }

  private Harness app(String name, Map<String, String> settings) {
    return new Harness(state.resolve(name), model, settings);
  }

  private static void grow(Harness app, String object, int images) {
    for (int i = 0; i < images; i++) {
      app.add(object, "image" + i, png(i));
    }
  }

  /** A photo of that many bytes; decoders stop at its end. */
  private static byte[] padded(long seed, int length) {
    return Arrays.copyOf(png(seed), length);
  }

  private static List<String> ids(ImageSet set) {
    return set.getImages().stream().map(SampledImage::getImageId).toList();
  }

  private static double sent(Harness app) {
    return app.meters.get(TopologyMetrics.IMAGE_SETS).tag("outcome", "sent").counter().count();
  }
}
