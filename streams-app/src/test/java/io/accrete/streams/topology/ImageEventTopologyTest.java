package io.accrete.streams.topology;

import static io.accrete.streams.topology.Harness.direct;
import static io.accrete.streams.topology.Photos.png;
import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.state.LedgerEntry;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.store.StateStores;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageEventTopologyTest {
  @TempDir Path state;
  private final TinyModel tiny = new TinyModel();
  private final ServedModel model = tiny.version("v1");
  private Harness app;

  @BeforeEach
  void start() {
    app = new Harness(state, model, Map.of());
  }

  @AfterEach
  void stop() {
    app.close();
  }

  @Test
  void shouldFoldImagesInOrderOfArrival() {
    app.add("mug", "b", png(1));
    app.add("mug", "a", png(2));
    app.add("mug", "c", png(3));

    List<TestRecord<String, ObjectEmbedding>> embeddings = app.embeddings();
    assertThat(embeddings).extracting(each -> each.value().getImageCount()).containsExactly(1, 2, 3);
    ObjectEmbedding last = embeddings.get(2).value();
    assertThat(embeddings.get(2).key()).isEqualTo("mug");
    assertThat(last.getVector()).containsExactly(boxed(direct(model, List.of(png(1), png(2), png(3)))));
    assertThat(last.getModelVersion()).isEqualTo("v1");
    assertThat(last.getLastImageId()).isEqualTo("c");
    assertThat(last.getSequence()).isEqualTo(3);
    assertThat(last.getSourcePartition()).isZero();
    assertThat(last.getSourceOffset()).isEqualTo(2);
    assertThat(last.getUpdatedAt()).isEqualTo(Harness.START.plusSeconds(2));
    assertThat(embeddings.get(2).getRecordTime()).isEqualTo(Harness.START.plusSeconds(2));
    assertThat(app.ledger("mug")).extracting(LedgerEntry::getImageId).containsExactly("b", "a", "c");
  }

  @Test
  void shouldIgnoreADuplicate() {
    app.add("mug", "a", png(1));
    app.embeddings();

    app.add("mug", "a", png(1));

    assertThat(app.embeddings()).isEmpty();
    assertThat(app.object("mug").orElseThrow().getSequence()).isEqualTo(1);
    assertThat(tiny.encoded).hasValue(1);
    assertThat(app.count(Outcome.DUPLICATE)).isEqualTo(1);
  }

  @Test
  void shouldNotFetchAReferenceWhoseHashIsInTheLedger() {
    app.add("mug", "a", png(1));
    app.addReference("mug", "a", "https://gone.example/a.png", png(1));

    assertThat(app.count(Outcome.DUPLICATE)).isEqualTo(1);
    assertThat(app.deadLetters()).isEmpty();
  }

  @Test
  void shouldNoticeChangedContentBehindAReferenceWithoutHash() {
    app.web.put("s3://shop/a", png(1));
    app.addReference("mug", "a", "s3://shop/a", null);
    app.addReference("mug", "a", "s3://shop/a", null);
    app.web.put("s3://shop/a", png(2));
    app.addReference("mug", "a", "s3://shop/a", null);

    assertThat(app.count(Outcome.DUPLICATE)).isEqualTo(1);
    assertThat(app.count(Outcome.REPLACED)).isEqualTo(1);
    assertThat(app.embedding("mug")).containsExactly(direct(model, List.of(png(2))));
    assertThat(app.entries(StateStores.IMAGES)).isZero();
  }

  @Test
  void shouldPutAReplacementAtThePlaceOfItsArrival() {
    app.add("mug", "a", png(1));
    app.add("mug", "b", png(2));
    app.add("mug", "a", png(3));

    assertThat(app.ledger("mug")).extracting(LedgerEntry::getImageId).containsExactly("b", "a");
    assertThat(app.embedding("mug")).containsExactly(direct(model, List.of(png(2), png(3))));
    assertThat(app.object("mug").orElseThrow().getSequence()).isEqualTo(3);
    assertThat(app.object("mug").orElseThrow().getImageCount()).isEqualTo(2);
    assertThat(app.entries(StateStores.IMAGES)).isEqualTo(2);
  }

  @Test
  void shouldFoldAgainWithoutARemovedImage() {
    app.web.put("file:/photos/b", png(2));
    app.add("mug", "a", png(1));
    app.addReference("mug", "b", "file:/photos/b", png(2));
    app.add("mug", "c", png(3));
    app.remove("mug", "a");

    assertThat(app.embedding("mug")).containsExactly(direct(model, List.of(png(2), png(3))));
    app.remove("mug", "c");
    assertThat(app.embedding("mug")).containsExactly(direct(model, List.of(png(2))));
    assertThat(app.object("mug").orElseThrow().getLastImageId()).isEqualTo("b");
    assertThat(app.object("mug").orElseThrow().getSequence()).isEqualTo(5);
    assertThat(app.count(Outcome.REMOVED)).isEqualTo(2);
  }

  @Test
  void shouldWriteNullWhenTheLastImageIsRemoved() {
    app.add("mug", "a", png(1));
    app.remove("mug", "a");

    assertThat(app.embeddings()).last().extracting(TestRecord::value).isNull();
    assertThat(app.object("mug")).isEmpty();
    assertThat(app.entries(StateStores.LEDGER) + app.entries(StateStores.IMAGES)).isZero();
    app.add("mug", "a", png(1));
    assertThat(app.object("mug").orElseThrow().getSequence()).isEqualTo(1);
  }

  @Test
  void shouldDeleteOneObjectAndNoOther() {
    app.add("mug", "a", png(1));
    app.add("mug2", "a", png(2));
    app.add("mu", "ga", png(3));
    app.delete("mug");

    assertThat(app.embeddings()).last().satisfies(gone -> {
      assertThat(gone.key()).isEqualTo("mug");
      assertThat(gone.value()).isNull();
    });
    assertThat(app.ledger("mug")).isEmpty();
    assertThat(app.ledger("mug2")).hasSize(1);
    assertThat(app.ledger("mu")).hasSize(1);
    assertThat(app.entries(StateStores.IMAGES)).isEqualTo(2);
  }

  @Test
  void shouldTakeIdsThatHoldAnything() {
    app.add("mug", "\u0000", png(1));
    app.add("mug\u0000", "", png(2));
    app.add("mug\u0000", "a", png(3));
    app.add("\uFFFF \n", "\u0000\u0000", png(4));
    app.delete("mug\u0000");

    assertThat(app.deadLetters()).hasSize(1); // the empty image id
    assertThat(app.ledger("mug")).hasSize(1);
    assertThat(app.ledger("mug\u0000")).isEmpty();
    assertThat(app.ledger("\uFFFF \n")).hasSize(1);
  }

  @Test
  void shouldCountWhatIsNotThereAsUnknown() {
    app.remove("mug", "a");
    app.delete("mug");
    app.add("mug", "a", png(1));
    app.remove("mug", "b");

    assertThat(app.count(Outcome.UNKNOWN)).isEqualTo(3);
    assertThat(app.embeddings()).hasSize(1);
    assertThat(app.deadLetters()).isEmpty();
  }

  @Test
  void shouldMergeAttributesInOrderOfTheLedger() {
    app.add("mug", "a", ByteBuffer.wrap(png(1)), Map.of("brand", "x", "colour", "red"));
    app.add("mug", "b", ByteBuffer.wrap(png(2)), Map.of("colour", "blue"));
    assertThat(app.object("mug").orElseThrow().getAttributes()).isEqualTo(Map.of("brand", "x", "colour", "blue"));

    app.remove("mug", "b");
    assertThat(app.object("mug").orElseThrow().getAttributes()).isEqualTo(Map.of("brand", "x", "colour", "red"));
  }

  @Test
  void shouldNotDependOnOtherObjects() {
    app.add("mug", "a", png(1));
    app.add("cup", "a", png(7));
    app.add("mug", "b", png(2));
    float[] interleaved = app.embedding("mug");

    try (Harness alone = new Harness(state.resolve("alone"), model, Map.of())) {
      alone.add("mug", "a", png(1));
      alone.add("mug", "b", png(2));
      assertThat(alone.embedding("mug")).containsExactly(interleaved);
    }
  }

  @Test
  void shouldPublishTheSameBytesWhenReplayed() {
    scenario(app);
    try (Harness replay = new Harness(state.resolve("replay"), model, Map.of())) {
      scenario(replay);
      assertThat(replay.embeddingBytes()).usingRecursiveFieldByFieldElementComparator().isEqualTo(app.embeddingBytes());
    }
  }

  private static void scenario(Harness app) {
    for (int i = 0; i < 20; i++) {
      app.add("mug" + i % 3, "image" + i % 7, ByteBuffer.wrap(png(i)), Map.of("k" + i, "v", "k", "v" + i));
    }
    app.remove("mug0", "image0");
    app.delete("mug1");
  }

  @Test
  void shouldReadFeaturesInsteadOfImagesWhenTheyAreKept() {
    try (Harness kept = new Harness(state.resolve("features"), model, Map.of(ConfigKeys.FEATURES_STORE, "true"))) {
      kept.add("mug", "a", png(1));
      kept.add("mug", "b", png(2));
      kept.add("mug", "b2", png(3));
      float[] all = kept.embedding("mug");
      int encoded = tiny.encoded.get();

      kept.add("mug", "x", png(4));
      kept.remove("mug", "x");

      assertThat(tiny.encoded.get()).isEqualTo(encoded + 1);
      assertThat(kept.embedding("mug")).containsExactly(all);
      kept.remove("mug", "b");
      assertThat(kept.entries(StateStores.FEATURES)).isEqualTo(2);
      kept.delete("mug");
      assertThat(kept.entries(StateStores.FEATURES)).isZero();
    }
  }

  @Test
  void shouldFoldAgainUnderAnotherModelAtTheNextEvent() {
    app.add("mug", "a", png(1));
    app.add("mug", "b", png(2));
    app.add("cup", "a", png(3));
    ServedModel newer = tiny.version("version2");
    try (Harness later = new Harness(state.resolve("later"), newer, Map.of())) {
      later.takeOver(app);
      later.add("mug", "b", png(2));
      later.add("mug", "b", png(2));
      later.add("cup", "b", png(4));

      assertThat(later.count(Outcome.CAUGHT_UP)).isEqualTo(1);
      assertThat(later.count(Outcome.DUPLICATE)).isEqualTo(1);
      assertThat(later.embedding("mug")).containsExactly(direct(newer, List.of(png(1), png(2))));
      assertThat(later.embedding("cup")).containsExactly(direct(newer, List.of(png(3), png(4))));
      List<TestRecord<String, ObjectEmbedding>> published = later.embeddings();
      assertThat(published).extracting(each -> each.value().getSequence()).containsExactly(2L, 2L);
      assertThat(published.get(0).value().getSourceOffset()).isEqualTo(1);
      assertThat(later.object("cup").orElseThrow().getLatents()).containsOnlyKeys("version2");
    }
  }

  @Test
  void shouldSayUnderEveryModelThatAnObjectIsGone() {
    app.add("mug", "a", png(1));
    try (Harness later = new Harness(state.resolve("later"), tiny.version("version2"), Map.of())) {
      later.takeOver(app);
      later.delete("mug");
      assertThat(later.embeddings()).singleElement().satisfies(gone -> assertThat(gone.value()).isNull());
      assertThat(later.embeddings("v1")).singleElement().satisfies(gone -> assertThat(gone.value()).isNull());
    }
  }

  private static Float[] boxed(float[] values) {
    Float[] boxed = new Float[values.length];
    for (int i = 0; i < values.length; i++) {
      boxed[i] = values[i];
    }
    return boxed;
  }
}
