package io.accrete.streams.topology;

import static io.accrete.streams.topology.Photos.png;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.similarity.Filters;
import io.accrete.streams.similarity.Found;
import io.accrete.streams.similarity.Neighbour;
import io.accrete.streams.similarity.ObjectSummary;
import io.accrete.streams.similarity.Search;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Searches see what events and sweeps leave in the stores, at once. */
@Timeout(60)
class ObjectsHeardTest {
  @TempDir Path state;
  private final TinyModel model = new TinyModel();
  private final ServedModel v1 = model.version("v1");
  private final ServedModel v2 = model.version("v2-of-another-length");

  @Test
  void shouldFollowFoldsRemovalsDeletionsAndSweeps() {
    try (Harness app = new Harness(state, v1, Map.of())) {
      while (!app.similar.latest(1, Filters.NONE).partitions().contains(0)) {
        LockSupport.parkNanos(1_000_000); // until the empty store has been read
      }
      app.add("a", "1", ByteBuffer.wrap(png(1)), Map.of("colour", "red"));
      app.add("b", "1", png(2));
      app.add("b", "2", png(3));
      app.add("c", "1", png(4));
      assertThat(latest(app)).containsExactly("c", "b", "a");
      requireSame(app, v1, "a", "b", "c");

      app.remove("b", "2");
      assertThat(summary(app, "b").imageCount()).isEqualTo(1);
      assertThat(summary(app, "b").sequence()).isEqualTo(3);
      app.delete("c");
      app.remove("a", "1");
      assertThat(latest(app)).containsExactly("b");
      app.add("a", "3", ByteBuffer.wrap(png(5)), Map.of("colour", "blue"));
      assertThat(summary(app, "a").attributes()).isEqualTo(Map.of("colour", "blue"));
      requireSame(app, v1, "a", "b");
      assertThat(nearest(app, v2, new float[] {1, 0, 0}).found()).isEmpty();

      app.models(new LiveModels(v1, List.of(v1, v2), Optional.of(v2), Map.of()));
      for (int tick = 0; tick < 20; tick++) {
        app.tick();
      }
      requireSame(app, v1, "a", "b");
      requireSame(app, v2, "a", "b");
      app.models(new LiveModels(v2, List.of(v2), Optional.empty(), Map.of(v1.version(), Instant.EPOCH)));
      for (int tick = 0; tick < 20; tick++) {
        app.tick();
      }
      assertThat(nearest(app, v1, app.embedding("a")).found()).isEmpty();
      requireSame(app, v2, "a", "b");
    }
  }

  private static List<String> latest(Harness app) {
    return app.similar.latest(10, Filters.NONE).found().stream().map(ObjectSummary::objectId).toList();
  }

  private static ObjectSummary summary(Harness app, String objectId) {
    return app.similar.latest(10, Filters.NONE).found().stream().filter(object -> object.objectId().equals(objectId)).findFirst()
        .orElseThrow();
  }

  private static Found<Neighbour> nearest(Harness app, ServedModel model, float[] vector) {
    return app.similar.nearest(new Search(model.version(), vector, 10, Filters.NONE, Optional.empty()));
  }

  /** These objects and no others are found, each at the embedding that the store has. */
  private static void requireSame(Harness app, ServedModel model, String... objects) {
    for (String object : objects) {
      List<Neighbour> found = nearest(app, model, app.embedding(object, model.version())).found();
      assertThat(found).extracting(near -> near.object().objectId()).containsExactlyInAnyOrder(objects);
      assertThat(found).filteredOn(near -> near.object().objectId().equals(object)).first()
          .satisfies(near -> assertThat(near.score()).isCloseTo(1, within(1e-6f)));
      assertThat(summary(app, object).sequence()).isEqualTo(app.object(object).orElseThrow().getSequence());
    }
  }
}
