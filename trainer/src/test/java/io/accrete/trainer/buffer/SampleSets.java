package io.accrete.trainer.buffer;

import io.accrete.bundle.Sha256;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;

/** Sets of made-up photos, each a function of its number, and what a buffer must hold of them, said in the plainest way. */
final class SampleSets {
  static final Uuid TOPIC = new Uuid(1, 2);
  private static final int OBJECTS = 12;

  private SampleSets() {}

  /** One set: of an object, so many photos. */
  record Set(String object, List<byte[]> photos) {}

  static Position after(long number) {
    return new Position(TOPIC, 0, number + 1);
  }

  /** The set of a number; low-numbered objects are popular, and sets of one object overlap. */
  static Set set(long number) {
    Random random = new Random(number * 0x9E3779B97F4A7C15L);
    int object = Math.min(random.nextInt(OBJECTS), random.nextInt(OBJECTS));
    List<byte[]> photos = new ArrayList<>();
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      photos.add(photo(object * 100 + random.nextInt(40)));
    }
    return new Set("object " + object, photos);
  }

  static byte[] photo(int number) {
    Random random = new Random(number);
    byte[] bytes = new byte[100 + random.nextInt(4000)];
    random.nextBytes(bytes);
    return bytes;
  }

  static void add(ImageSetBuffer buffer, long number) throws Exception {
    Set set = set(number);
    try (Draft draft = buffer.draft()) {
      for (byte[] photo : set.photos) {
        draft.add(Sha256.of(photo), photo);
      }
      draft.commit(set.object, after(number));
    }
  }

  /** The rules of the buffer over one list. */
  static final class Model {
    private record Held(String object, String sha256, int bytes) {}

    private final List<Held> held = new ArrayList<>(); // in order of arrival

    void add(Set set, BufferLimits limits) {
      for (byte[] photo : set.photos) {
        Held one = new Held(set.object, Sha256.of(photo), photo.length);
        if (!held.contains(one)) {
          held.add(one);
        }
      }
      dropLonely();
      shrink(limits);
    }

    void shrink(BufferLimits limits) {
      while (bytes() > limits.bytes() || counts().values().stream().anyMatch(count -> count > limits.photos())) {
        Map<String, Long> counts = counts();
        long most = counts.values().stream().max(Comparator.naturalOrder()).orElseThrow();
        held.remove(held.stream().filter(photo -> counts.get(photo.object) == most).findFirst().orElseThrow());
        dropLonely();
      }
    }

    private void dropLonely() {
      Map<String, Long> counts = counts();
      held.removeIf(photo -> counts.get(photo.object) < 2);
    }

    private Map<String, Long> counts() {
      return held.stream().collect(Collectors.groupingBy(Held::object, Collectors.counting()));
    }

    long bytes() {
      return held.stream().mapToLong(Held::bytes).sum();
    }

    SortedMap<String, List<String>> photos() {
      SortedMap<String, List<String>> photos = new TreeMap<>();
      held.forEach(one -> photos.computeIfAbsent(one.object, any -> new ArrayList<>()).add(one.sha256));
      return photos;
    }
  }
}
