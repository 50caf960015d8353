package io.accrete.streams.topology;

import static io.accrete.streams.topology.Harness.direct;
import static io.accrete.streams.topology.Photos.png;
import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.streams.encode.ServedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The topology over a real bundle in ONNX Runtime. */
class RealModelTest {
  @TempDir static Path folder;
  private static SmallModel loaded;
  private static ServedModel model;

  @BeforeAll
  static void load() {
    loaded = new SmallModel(folder.resolve("bundle"), 12, 1, 2);
    model = loaded.served();
  }

  @AfterAll
  static void unload() {
    loaded.close();
  }

  @Test
  void shouldEqualADirectFoldToTheBit() {
    try (Harness app = new Harness(folder.resolve("direct"), model, Map.of())) {
      for (int i = 0; i < 8; i++) {
        app.add("mug", "image" + i, png(i));
        app.add("cup", "image" + i, png(100 - i));
      }
      assertThat(app.embedding("mug"))
          .containsExactly(direct(model, List.of(png(0), png(1), png(2), png(3), png(4), png(5), png(6), png(7))));
      List<TestRecord<String, ObjectEmbedding>> published = app.embeddings();
      assertThat(published).hasSize(16).allSatisfy(each -> assertThat(norm(each.value())).isBetween(0.99999, 1.00001));
    }
  }

  @Test
  void shouldEqualAFoldFromNothingAfterRemovalAndReplacement() {
    try (Harness app = new Harness(folder.resolve("refold"), model, Map.of())) {
      app.add("mug", "a", png(1));
      app.add("mug", "b", png(2));
      app.add("mug", "c", png(3));
      app.remove("mug", "b");
      assertThat(app.embedding("mug")).containsExactly(direct(model, List.of(png(1), png(3))));
      app.add("mug", "a", png(4));
      assertThat(app.embedding("mug")).containsExactly(direct(model, List.of(png(3), png(4))));
      assertThat(app.embedding("mug")).isNotEqualTo(direct(model, List.of(png(4), png(3))));
    }
  }

  @Test
  void shouldFoldKeptFeaturesTheSameNowAndLater() {
    try (Harness app = new Harness(folder.resolve("features"), model, Map.of(ConfigKeys.FEATURES_STORE, "true"))) {
      app.add("mug", "a", png(1));
      app.add("mug", "b", png(2));
      float[] now = app.embedding("mug");
      app.add("mug", "c", png(3));
      app.remove("mug", "c");
      assertThat(app.embedding("mug")).containsExactly(now);
      assertThat(now).usingComparatorWithPrecision(1e-2f).containsExactly(direct(model, List.of(png(1), png(2))));
    }
  }

  private static double norm(ObjectEmbedding embedding) {
    return Math.sqrt(embedding.getVector().stream().mapToDouble(value -> value * value).sum());
  }
}
