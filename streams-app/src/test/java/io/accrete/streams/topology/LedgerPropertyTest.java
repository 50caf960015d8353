package io.accrete.streams.topology;

import static io.accrete.streams.topology.Photos.png;
import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.config.ConfigKeys;
import io.accrete.state.LedgerEntry;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.store.StateStores;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random operations against the simplest model of them: an ordered map of each object's images, folded from nothing. */
class LedgerPropertyTest {
  private static final int OPERATIONS = 400;
  @TempDir Path state;

  @ParameterizedTest
  @CsvSource({"1, false", "2, false", "3, true", "4, true"})
  void shouldAgreeWithALedgerFoldedFromNothing(long seed, boolean features) {
    ServedModel model = new TinyModel().version("v1");
    Map<String, LinkedHashMap<String, Long>> expected = new HashMap<>();
    Random random = new Random(seed);
    try (Harness app = new Harness(state, model, Map.of(ConfigKeys.FEATURES_STORE, Boolean.toString(features)))) {
      for (int i = 0; i < OPERATIONS; i++) {
        String object = "object".substring(0, 4 + random.nextInt(3)); // ids that are prefixes of each other
        LinkedHashMap<String, Long> ledger = expected.computeIfAbsent(object, any -> new LinkedHashMap<>());
        operate(app, random, object, ledger);
        check(app, model, object, ledger, features ? 1e-2f : 0);
      }
      assertThat(app.deadLetters()).isEmpty();
      assertThat(app.entries(StateStores.LEDGER)).isEqualTo(expected.values().stream().mapToLong(Map::size).sum());
      if (features) {
        assertThat(app.entries(StateStores.FEATURES)).isEqualTo(app.entries(StateStores.LEDGER));
      }
    }
  }

  private static void operate(Harness app, Random random, String object, LinkedHashMap<String, Long> ledger) {
    String image = "image" + "1".repeat(random.nextInt(6));
    long photo = random.nextInt(4);
    switch (random.nextInt(10)) {
      case 0 -> {
        app.delete(object);
        ledger.clear();
      }
      case 1, 2 -> {
        app.remove(object, image);
        ledger.remove(image);
      }
      case 3, 4 -> {
        app.web.put("s3://shop/" + photo, png(photo));
        app.addReference(object, image, "s3://shop/" + photo, random.nextBoolean() ? png(photo) : null);
        add(ledger, image, photo);
      }
      default -> {
        app.add(object, image, png(photo));
        add(ledger, image, photo);
      }
    }
  }

  private static void add(LinkedHashMap<String, Long> ledger, String image, long photo) {
    if (!Long.valueOf(photo).equals(ledger.get(image))) {
      ledger.remove(image); // so that it takes the place of its arrival
      ledger.put(image, photo);
    }
  }

  private static void check(Harness app, ServedModel model, String object, LinkedHashMap<String, Long> ledger, float tolerance) {
    assertThat(app.ledger(object)).extracting(LedgerEntry::getImageId).containsExactlyElementsOf(ledger.keySet());
    assertThat(app.object(object).isPresent()).isEqualTo(!ledger.isEmpty());
    if (!ledger.isEmpty()) {
      List<byte[]> images = new ArrayList<>();
      ledger.values().forEach(photo -> images.add(png(photo)));
      assertThat(app.object(object).orElseThrow().getImageCount()).isEqualTo(ledger.size());
      assertThat(app.object(object).orElseThrow().getLastImageId()).isEqualTo(new ArrayList<>(ledger.keySet()).get(ledger.size() - 1));
      assertThat(app.embedding(object)).containsExactly(Harness.direct(model, images), org.assertj.core.data.Offset.offset(tolerance));
    }
  }
}
