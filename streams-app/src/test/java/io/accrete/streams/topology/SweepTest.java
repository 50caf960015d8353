package io.accrete.streams.topology;

import static io.accrete.streams.topology.Photos.png;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.events.ReportKind;
import io.accrete.events.RolloutReport;
import io.accrete.state.LedgerEntry;
import io.accrete.streams.ahead.AheadMetrics;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.store.StateStores;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real small models, old and new; each tick of the harness is one image of the sweep, so that events come at every possible moment. */
class SweepTest {
  private static final int ENOUGH_TICKS = 2000;
  @TempDir static Path folder;
  private static SmallModel v1;
  private static SmallModel v2;
  private static SmallModel batched; // the same as v2
  @TempDir Path state;

  @BeforeAll
  static void load() {
    v1 = new SmallModel(folder.resolve("v1"), 12, 1, 2, false);
    v2 = new SmallModel(folder.resolve("v2"), 16, 3, 4, false);
    batched = new SmallModel(folder.resolve("batched"), 16, 3, 4);
  }

  @AfterAll
  static void unload() {
    v1.close();
    v2.close();
    batched.close();
  }

  private static LiveModels serving(ServedModel model, ServedModel... others) {
    return new LiveModels(model, concat(model, others), Optional.empty(), Map.of());
  }

  private static LiveModels sweeping(ServedModel model, ServedModel other) {
    return new LiveModels(model, List.of(model, other), Optional.of(other), Map.of());
  }

  private static LiveModels removing(ServedModel model, ServedModel gone) {
    return removing(model, gone, Instant.EPOCH);
  }

  private static LiveModels removing(ServedModel model, ServedModel gone, Instant since) {
    return new LiveModels(model, List.of(model), Optional.empty(), Map.of(gone.version(), since));
  }

  private static List<ServedModel> concat(ServedModel model, ServedModel... others) {
    List<ServedModel> all = new ArrayList<>(List.of(model));
    all.addAll(List.of(others));
    return all;
  }

  private Harness harness(String name, Map<String, String> settings) {
    return new Harness(state.resolve(name), v1.served(), settings);
  }

  /** Sweeps to the end; the last report. */
  private static RolloutReport sweep(Harness app) {
    List<RolloutReport> reports = new ArrayList<>();
    for (int i = 0; i < ENOUGH_TICKS; i++) {
      app.tick();
      reports.addAll(app.reports());
      if (!reports.isEmpty() && (reports.get(reports.size() - 1).getComplete()
          || reports.get(reports.size() - 1).getKind() == ReportKind.REMOVED)) {
        return reports.get(reports.size() - 1);
      }
    }
    throw new AssertionError("Not complete after " + ENOUGH_TICKS + " ticks: " + reports);
  }

  /** Every object has, under each of these models, what its ledger makes from nothing. */
  private static void check(Harness app, Map<String, Map<String, Long>> photos, SmallModel... models) {
    photos.forEach((object, ledger) -> {
      assertThat(app.object(object).isPresent()).isEqualTo(!ledger.isEmpty());
      List<byte[]> images = app.ledger(object).stream().map(LedgerEntry::getImageId).map(ledger::get).map(Photos::png).toList();
      assertThat(images).hasSize(ledger.size());
      for (SmallModel model : ledger.isEmpty() ? new SmallModel[0] : models) {
        assertThat(app.embedding(object, model.version())).containsExactly(Harness.direct(model.served(), images), offset(1e-6f));
      }
    });
  }

  /** What was published under each of these models ends where the state is, and says one thing for each sequence. */
  private static void checkPublished(Harness app, Set<String> objects, List<TestRecord<String, ObjectEmbedding>> published,
      SmallModel model) {
    Map<String, Map<Long, List<Float>>> lives = new HashMap<>();
    for (TestRecord<String, ObjectEmbedding> each : published) {
      if (each.value() == null) {
        lives.remove(each.key()); // an object that comes again begins anew
      } else {
        assertThat(each.value().getModelVersion()).isEqualTo(model.version());
        List<Float> before = lives.computeIfAbsent(each.key(), any -> new HashMap<>())
            .put(each.value().getSequence(), each.value().getVector());
        assertThat(before).as("published before for %s", each).isIn(null, each.value().getVector());
      }
    }
    for (String object : objects) {
      assertThat(app.object(object).map(present -> Arrays.asList(boxed(app.embedding(object, model.version())))))
          .isEqualTo(Optional.ofNullable(lives.get(object)).map(life -> life.get(app.object(object).orElseThrow().getSequence())));
    }
  }

  private static Float[] boxed(float[] values) {
    Float[] boxed = new Float[values.length];
    for (int i = 0; i < values.length; i++) {
      boxed[i] = values[i];
    }
    return boxed;
  }

  /** Sends events and knows what they should make of the objects. */
  private static final class Shop {
    final Map<String, Map<String, Long>> photos = new HashMap<>();
    private final Harness app;

    Shop(Harness app) {
      this.app = app;
    }

    Shop add(String object, String image, long photo) {
      app.add(object, image, png(photo));
      photos.computeIfAbsent(object, any -> new HashMap<>()).put(image, photo);
      return this;
    }

    Shop remove(String object, String image) {
      app.remove(object, image);
      photos.computeIfAbsent(object, any -> new HashMap<>()).remove(image);
      return this;
    }

    Shop delete(String object) {
      app.delete(object);
      photos.computeIfAbsent(object, any -> new HashMap<>()).clear();
      return this;
    }

    Shop stock(String... objects) {
      for (String object : objects) {
        add(object, "x", 1).add(object, "b", 2).add(object, "c", 3);
      }
      return this;
    }
  }

  @Test
  void shouldCoverEveryObjectWhicheverEventComesAtWhicheverMoment() {
    String[] objects = {"add", "again", "delete", "duplicate", "old", "remove", "removeFirst", "replace", "replaceFirst"};
    int moments = 0;
    for (int moment = 0; moment <= moments; moment++) {
      try (Harness app = harness("moment" + moment, Map.of())) {
        Shop shop = new Shop(app).stock(objects);
        app.models(sweeping(v1.served(), batched.served()));
        for (int i = 0; i < moment; i++) {
          app.tick();
        }
        boolean over = app.reports().stream().anyMatch(RolloutReport::getComplete);
        moments = over ? moments : moment + 1;
        shop.add("add", "d", 4).add("duplicate", "b", 2).add("new", "a", 5).add("new", "b", 6).add("0new", "a", 7);
        shop.delete("again").stock("again").delete("delete");
        shop.remove("remove", "c").remove("removeFirst", "x").add("replace", "c", 8).add("replaceFirst", "x", 9);

        if (!over) {
          RolloutReport last = sweep(app);
          assertThat(last.getObjects()).isEqualTo(10);
          assertThat(last.getCovered()).isEqualTo(10);
          assertThat(last.getUnreadable()).isZero();
        }
        check(app, shop.photos, v1, batched);
        checkPublished(app, shop.photos.keySet(), app.embeddings(v1.version()), v1);
        checkPublished(app, shop.photos.keySet(), app.embeddings(batched.version()), batched);
        assertThat(app.deadLetters()).isEmpty();
      }
    }
    assertThat(moments).isGreaterThan(3 * objects.length); // each image of each object was such a moment
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void shouldCoverEveryObjectWhateverHappensMeanwhile(long seed) {
    Random random = new Random(seed);
    String[] ids = {"a", "aa", "b", "é", "\u0000", "\uFFFD", "😀", "z"}; // their order in UTF-8 is not that of Java
    int restarts = 0;
    Harness app = harness("start", Map.of());
    Shop shop = new Shop(app);
    List<TestRecord<String, ObjectEmbedding>> published = new ArrayList<>();
    try {
      for (int i = 0; i < 30; i++) {
        operate(shop, random, ids);
      }
      app.models(sweeping(v1.served(), batched.served()));
      for (int i = 0; i < 120; i++) {
        if (random.nextInt(3) == 0) {
          operate(shop, random, ids);
        } else {
          app.tick();
        }
        if (random.nextInt(40) == 0) {
          published.addAll(app.embeddings(v1.version()));
          Harness next = harness("restart" + restarts++, Map.of());
          next.takeOver(app);
          app.close();
          app = next;
          app.models(sweeping(v1.served(), batched.served()));
          Shop moved = new Shop(app);
          moved.photos.putAll(shop.photos);
          shop = moved;
        }
      }
      RolloutReport last = sweep(app);
      long present = shop.photos.values().stream().filter(ledger -> !ledger.isEmpty()).count();
      assertThat(List.of(last.getObjects(), last.getCovered(), last.getUnreadable())).containsExactly(present, present, 0L);
      check(app, shop.photos, v1, batched);
      published.addAll(app.embeddings(v1.version()));
      checkPublished(app, shop.photos.keySet(), published, v1);
    } finally {
      app.close();
    }
  }

  private static void operate(Shop shop, Random random, String[] ids) {
    String object = ids[random.nextInt(ids.length)];
    String image = "image" + random.nextInt(4);
    switch (random.nextInt(10)) {
      case 0 -> shop.delete(object);
      case 1, 2 -> shop.remove(object, image);
      default -> shop.add(object, image, random.nextInt(6));
    }
  }

  @Test
  void shouldGoOnFromTheCursorAfterARestart() {
    try (Harness app = harness("before", Map.of()); Harness later = harness("after", Map.of())) {
      Shop shop = new Shop(app).stock("a", "b", "c", "d");
      app.models(sweeping(v1.served(), v2.served()));
      int before = v2.encoded.get();
      while (v2.encoded.get() < before + 7) { // two objects, and one image of the third
        app.tick();
      }
      later.takeOver(app);
      later.models(sweeping(v1.served(), v2.served()));
      sweep(later);

      assertThat(v2.encoded.get() - before).isEqualTo(12 + 1);
      assertThat(later.embeddings(v2.version())).extracting(TestRecord::key).containsExactly("c", "d");
      check(later, shop.photos, v1, v2);
    }
  }

  @Test
  void shouldHaveEncodedInBatchesWhatItFolds() {
    try (Harness app = harness("batches", Map.of())) {
      Map<String, Long> photos = new HashMap<>();
      for (long i = 0; i < 5; i++) {
        app.add("mug", "image " + i, png(i));
        photos.put("image " + i, i);
      }
      app.web.put("http://x/1", png(5));
      app.addReference("mug", "image 5", "http://x/1", null);
      photos.put("image 5", 5L);
      app.models(sweeping(v1.served(), batched.served()));
      sweep(app);
      check(app, Map.of("mug", photos), v1, batched);
      assertThat(app.meters.summary(AheadMetrics.BATCH).totalAmount()).isEqualTo(6);
      assertThat(app.held()).isZero();
    }
  }

  @Test
  void shouldContinueAnObjectThatOnlyGrewMeanwhile() {
    try (Harness app = harness("grew", Map.of())) {
      Shop shop = new Shop(app).stock("a");
      app.models(sweeping(v1.served(), v2.served()));
      int before = v2.encoded.get();
      while (v2.encoded.get() < before + 2) {
        app.tick();
      }
      shop.add("a", "d", 4);
      sweep(app);

      assertThat(v2.encoded.get() - before).isEqualTo(4);
      check(app, shop.photos, v1, v2);
    }
  }

  @Test
  void shouldBeginAnObjectAgainWhoseBeginningIsNotTrueAnyMore() {
    AtomicBoolean failing = new AtomicBoolean();
    ServedModel moody = new ServedModel(v2.version(), v2.served().encoderHash(), image -> {
      if (failing.get()) {
        throw new IllegalStateException("A test's failure");
      }
      return v2.served().encoder().encode(image);
    }, v2.served().folder());
    try (Harness app = harness("moody", Map.of())) {
      Shop shop = new Shop(app).stock("a");
      app.models(sweeping(v1.served(), moody));
      int before = v2.encoded.get();
      while (v2.encoded.get() < before + 2) {
        app.tick();
      }
      failing.set(true); // so that the event leaves the object to the sweep
      shop.remove("a", "x");
      failing.set(false);
      assertThat(app.object("a").orElseThrow().getLatents()).containsOnlyKeys(v1.version());

      assertThat(sweep(app).getCovered()).isEqualTo(1);
      check(app, shop.photos, v1, v2);
    }
  }

  @Test
  void shouldCountAndListAnObjectWhosePhotoIsGone() {
    try (Harness app = harness("gone", Map.of())) {
      Shop shop = new Shop(app).stock("a", "c");
      app.web.put("s3://shop/b", png(2));
      app.add("b", "x", png(1));
      app.addReference("b", "gone", "s3://shop/b", null);
      app.web.clear();
      float[] served = app.embedding("b");
      app.models(sweeping(v1.served(), batched.served()));

      RolloutReport report = sweep(app);
      assertThat(List.of(report.getObjects(), report.getCovered(), report.getUnreadable())).containsExactly(3L, 2L, 1L);
      assertThat(report.getUnreadableObjects()).containsExactly("b");
      assertThat(report.getReporter()).isEqualTo("partition-0");
      check(app, shop.photos, v1, batched);
      assertThat(app.embedding("b")).containsExactly(served);
      assertThat(app.object("b").orElseThrow().getLatents()).containsOnlyKeys(v1.version());

      app.add("b", "y", png(3)); // what it cannot have under the new version does not keep it from growing under the old
      assertThat(app.object("b").orElseThrow().getLatents()).containsOnlyKeys(v1.version());
      app.remove("b", "gone"); // what is left can be read
      shop.photos.put("b", Map.of("x", 1L, "y", 3L));
      check(app, shop.photos, v1, batched);
      assertThat(sweepOn(app).getUnreadable()).isZero();
      assertThat(app.deadLetters()).isEmpty();
    }
  }

  /** The next report. */
  private static RolloutReport sweepOn(Harness app) {
    for (int i = 0; i < ENOUGH_TICKS; i++) {
      app.tick();
      List<RolloutReport> reports = app.reports();
      if (!reports.isEmpty()) {
        return reports.get(reports.size() - 1);
      }
    }
    throw new AssertionError("No report after " + ENOUGH_TICKS + " ticks");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldServeOnWhenOnlyTheNewVersionFails(boolean imagesFault) {
    byte[] refused = png(66);
    ServedModel picky = new ServedModel("picky", new byte[32], image -> {
      if (!Arrays.equals(image, refused)) {
        return v2.served().encoder().encode(image);
      }
      if (imagesFault) {
        return v2.served().encoder().encode(new byte[] {1, 2, 3});
      }
      throw new IllegalStateException("A test's failure");
    }, v2.served().folder());
    try (Harness app = harness("picky" + imagesFault, Map.of())) {
      Shop shop = new Shop(app).stock("a", "b").add("c", "bad", 66);
      app.models(sweeping(v1.served(), picky));
      assertThat(sweep(app).getUnreadableObjects()).containsExactly("c");
      app.embeddings("picky");

      shop.add("a", "bad", 66);
      check(app, shop.photos, v1);
      assertThat(app.object("a").orElseThrow().getLatents()).containsOnlyKeys(v1.version());
      assertThat(app.embeddings("picky")).singleElement().satisfies(gone -> assertThat(gone.value()).isNull());
      RolloutReport report = sweepOn(app);
      assertThat(report.getComplete()).isTrue();
      assertThat(List.of(report.getCovered(), report.getUnreadable())).containsExactly(1L, 2L);
      assertThat(report.getUnreadableObjects()).containsExactly("c", "a");
      assertThat(app.deadLetters()).isEmpty();

      app.models(serving(picky, v1.served()));
      if (imagesFault) { // now of the version that is served
        app.add("b", "bad", refused);
        assertThat(app.deadLetters()).hasSize(1);
      } else {
        assertThatThrownBy(() -> app.add("b", "bad", refused)).hasRootCauseMessage("A test's failure");
      }
    }
  }

  @Test
  void shouldCompleteWhatAnInstanceThatKnewNothingOfItLeftOut() {
    try (Harness app = harness("late", Map.of())) {
      Shop shop = new Shop(app).stock("a", "b", "c");
      app.models(sweeping(v1.served(), v2.served()));
      sweep(app);
      app.models(LiveModels.only(v1.served())); // as an instance had it that was late, and took the partition over
      shop.add("b", "d", 4);
      assertThat(app.object("b").orElseThrow().getLatents()).containsOnlyKeys(v1.version());

      app.models(new LiveModels(v2.served(), List.of(v1.served(), v2.served()), Optional.of(v2.served()), Map.of())); // it had flipped
      assertThat(sweep(app).getCovered()).isEqualTo(3);
      check(app, shop.photos, v1, v2);
      shop.stock("e");
      for (int i = 0; i < 10; i++) {
        app.tick();
      }
      assertThat(app.reports()).as("nobody waits for what is served").isEmpty();
    }
  }

  @Test
  void shouldRemoveAVersionAndLeaveTheOtherAlone() {
    try (Harness app = harness("removal", Map.of())) {
      Shop shop = new Shop(app).stock("a", "b", "c");
      app.models(sweeping(v1.served(), v2.served()));
      sweep(app);
      app.models(removing(v1.served(), v2.served()));
      app.tick();
      shop.add("b", "d", 4).delete("c");
      app.embeddings(v2.version());
      RolloutReport report = sweep(app);

      assertThat(report.getKind()).isEqualTo(ReportKind.REMOVED);
      assertThat(report.getModelVersion()).isEqualTo(v2.version());
      assertThat(List.of("a", "b")).allSatisfy(object ->
          assertThat(app.object(object).orElseThrow().getLatents()).containsOnlyKeys(v1.version()));
      check(app, shop.photos, v1);
      shop.delete("a");
      assertThat(app.embeddings(v2.version())).isEmpty();
      for (int i = 0; i < 10; i++) {
        app.tick();
      }
      assertThat(app.reports()).isEmpty();

      app.models(sweeping(v1.served(), v2.served())); // tried again
      assertThat(sweep(app).getCovered()).isEqualTo(1);
      check(app, shop.photos, v1, v2);
      app.models(removing(v1.served(), v2.served()));
      assertThat(sweep(app).getKind()).isEqualTo(ReportKind.REMOVED);
      assertThat(app.object("b").orElseThrow().getLatents()).containsOnlyKeys(v1.version());
    }
  }

  @Test
  void shouldTellAgainThatAVersionIsRemovedThoughNothingWasSeenOfItsNextTime() {
    try (Harness app = harness("again", Map.of())) {
      new Shop(app).stock("a", "b");
      app.models(sweeping(v1.served(), v2.served()));
      sweep(app);
      for (Instant since : List.of(Instant.ofEpochMilli(1), Instant.ofEpochMilli(2))) {
        app.models(removing(v1.served(), v2.served(), since));
        RolloutReport report = sweep(app);
        assertThat(report.getKind()).isEqualTo(ReportKind.REMOVED);
        assertThat(report.getSince()).isEqualTo(since);
      }
    }
  }

  @Test
  void shouldEncodeNothingWhenOnlyTheAggregatorIsNew() {
    try (SmallModel aggregator = new SmallModel(folder.resolve("aggregator"), 12, 1, 7);
        Harness app = harness("features", Map.of(ConfigKeys.FEATURES_STORE, "true"))) {
      Shop shop = new Shop(app).stock("a", "b").remove("b", "x");
      app.models(sweeping(v1.served(), aggregator.served()));
      int before = v1.encoded.get();
      assertThat(sweep(app).getCovered()).isEqualTo(2);
      assertThat(aggregator.encoded).hasValue(0);
      assertThat(v1.encoded).hasValue(before);
      shop.add("a", "d", 4).remove("a", "c"); // nor does a live event encode twice
      assertThat(aggregator.encoded).hasValue(0);
      assertThat(v1.encoded).hasValue(before + 1);
      float[] swept = app.embedding("b", aggregator.version());

      try (Harness scratch = new Harness(state.resolve("scratch"), aggregator.served(), Map.of(ConfigKeys.FEATURES_STORE, "true"))) {
        new Shop(scratch).stock("b").remove("b", "x");
        assertThat(scratch.embedding("b")).containsExactly(swept, offset(1e-6f));
        assertThat(app.entries(StateStores.FEATURES)).isEqualTo(5);
      }
    }
  }

  @Test
  void shouldRemoveCachedTokensThatNoVersionNeedsAnyMore() {
    try (Harness app = harness("tokens", Map.of(ConfigKeys.FEATURES_STORE, "true"))) {
      Shop shop = new Shop(app).stock("a", "b");
      app.models(sweeping(v1.served(), v2.served()));
      sweep(app);
      shop.add("a", "d", 4);
      assertThat(app.entries(StateStores.FEATURES)).isEqualTo(2 * 7);
      app.models(removing(v1.served(), v2.served()));
      sweep(app);
      assertThat(app.entries(StateStores.FEATURES)).isEqualTo(7);
      int before = v1.encoded.get();
      shop.remove("a", "x");
      assertThat(v1.encoded).hasValue(before);
    }
  }

  @Test
  void shouldRestWhilePausedAndFoldLiveEventsAllTheSame() {
    try (Harness app = harness("paused", Map.of())) {
      Shop shop = new Shop(app).stock("a", "b");
      app.models(sweeping(v1.served(), v2.served()));
      int before = v2.encoded.get();
      while (v2.encoded.get() < before + 3) {
        app.tick();
      }
      app.models(serving(v1.served(), v2.served()));
      for (int i = 0; i < 20; i++) {
        app.tick();
      }
      assertThat(v2.encoded.get() - before).isEqualTo(3);
      shop.add("a", "d", 4).stock("c");
      assertThat(app.object("a").orElseThrow().getLatents()).containsOnlyKeys(v1.version(), v2.version());
      assertThat(app.object("b").orElseThrow().getLatents()).containsOnlyKeys(v1.version());

      app.models(sweeping(v1.served(), v2.served()));
      assertThat(sweep(app).getCovered()).isEqualTo(3);
      assertThat(v2.encoded.get() - before).isEqualTo(3 + 1 + 3 + 3);
      check(app, shop.photos, v1, v2);
    }
  }

  @Test
  void shouldBeginAgainWhenAVersionWasNotFoldedIntoForAWhile() {
    try (Harness app = harness("gap", Map.of())) {
      Shop shop = new Shop(app).stock("a", "b");
      app.models(sweeping(v1.served(), v2.served()));
      sweep(app);
      app.models(LiveModels.only(v1.served()));
      shop.add("a", "d", 4).stock("c");
      app.models(sweeping(v1.served(), v2.served()));

      RolloutReport report = sweep(app);
      assertThat(List.of(report.getObjects(), report.getCovered(), report.getUnreadable())).containsExactly(3L, 3L, 0L);
      check(app, shop.photos, v1, v2);
    }
  }

  @Test
  void shouldServeEitherVersionCompletelyAfterTheFlipAndBack() {
    try (Harness app = harness("flip", Map.of())) {
      Shop shop = new Shop(app).stock("a", "b");
      app.models(sweeping(v1.served(), v2.served()));
      sweep(app);
      app.models(serving(v2.served(), v1.served()));
      shop.add("a", "d", 4).add("b", "x", 5).remove("b", "c").add("c", "a", 6).add("a", "d", 4);
      check(app, shop.photos, v1, v2);
      app.models(serving(v1.served(), v2.served()));
      shop.add("c", "b", 7);
      check(app, shop.photos, v1, v2);
      assertThat(app.count(Outcome.DUPLICATE)).isEqualTo(1);
      assertThat(app.count(Outcome.CAUGHT_UP)).isZero();
    }
  }

  @Test
  void shouldTellOfNothingWhenThereIsOneModel() {
    try (Harness app = harness("one", Map.of())) {
      new Shop(app).stock("a");
      for (int i = 0; i < 10; i++) {
        app.tick();
      }
      assertThat(app.reports()).isEmpty();
      assertThat(app.entries(StateStores.SWEEPS)).isZero();
    }
  }

  @Test
  void shouldBeCompleteAtOnceWithoutObjects() {
    try (Harness app = harness("empty", Map.of())) {
      app.models(sweeping(v1.served(), v2.served()));
      assertThat(sweep(app).getObjects()).isZero();
    }
  }
}
