package io.accrete.subscriber;

import static io.accrete.events.RolloutState.ACTIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.registry.TestRegistry;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** A service that stores what it is told with the positions, and crashes, while models are rolled out and back and brokers go away. */
class SubscriptionPropertyTest {
  private static final String[] VERSIONS = {"V1", "V2", "V3"};

  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** What is in a version's topic for readers, in order within each partition, and what that amounts to. */
  private static final class Written {
    private final Map<Integer, List<Long>> offsets = new TreeMap<>(Map.of(0, new ArrayList<>(), 1, new ArrayList<>()));
    private final Map<String, String> latest = new TreeMap<>();
    private final long[] ends = new long[TopicsInMemory.PARTITIONS];
  }

  /** What a service's database holds. */
  private static final class Service implements EmbeddingListener {
    private final Map<String, String> held = new TreeMap<>();
    private final Map<Integer, Position> kept = new HashMap<>();
    private final Map<Integer, List<Long>> delivered = new TreeMap<>();
    private String space;
    private boolean caughtUp;
    private boolean crashBefore;
    private boolean crashAfter;
    private boolean keepsProgress;

    @Override
    public void onSpace(String modelVersion, boolean reset) {
      assertThat(reset || modelVersion.equals(space)).isTrue();
      space = modelVersion;
      caughtUp = false;
      if (reset) {
        held.clear();
        kept.clear();
        delivered.clear();
        delivered.putAll(Map.of(0, new ArrayList<>(), 1, new ArrayList<>()));
      }
    }

    @Override
    public void onEmbedding(String objectId, ObjectEmbedding embedding, Position position) {
      assertThat(embedding.getModelVersion()).isEqualTo(space);
      store(position, () -> held.put(objectId, embedding.getLastImageId()));
    }

    @Override
    public void onGone(String objectId, Position position) {
      store(position, () -> held.remove(objectId));
    }

    private void store(Position position, Runnable update) {
      assertThat(position.modelVersion()).isEqualTo(space);
      if (crashBefore) {
        crashBefore = false;
        throw new Crash();
      }
      update.run();
      kept.put(position.partition(), position);
      delivered.get(position.partition()).add(position.offset());
      if (crashAfter) {
        crashAfter = false;
        throw new Crash();
      }
    }

    @Override
    public void onProgress(Collection<Position> positions) {
      for (Position position : positions) {
        assertThat(position.modelVersion()).isEqualTo(space);
        assertThat(delivered.get(position.partition())).allMatch(offset -> offset <= position.offset());
        if (keepsProgress) {
          kept.put(position.partition(), position);
        }
      }
    }

    @Override
    public void onCaughtUp() {
      caughtUp = true;
    }
  }

  private static TestRegistry registry;
  private static AccreteConfig config;
  private static TopicsInMemory kafka;
  private static RecordReader records;

  @BeforeContainer
  static void start() throws IOException {
    registry = TestRegistry.start();
    config = AccreteConfig.of(Map.of(ConfigKeys.REGISTRY_URL, registry.url()));
    kafka = new TopicsInMemory(config);
    records = new RecordReader(config, Unreadable.FAIL, new Patience());
  }

  @AfterContainer
  static void stop() {
    records.close();
    kafka.close();
    registry.close();
  }

  @Property(tries = 60)
  void shouldHoldExactlyTheActiveSpaceWhateverHappens(@ForAll @Size(max = 80) List<@IntRange(max = 1199) Integer> happenings,
      @ForAll @IntRange(min = 1, max = 5) int most, @ForAll int seed, @ForAll boolean keepsProgress) {
    Service service = new Service();
    service.keepsProgress = keepsProgress;
    Map<String, Written> written = new HashMap<>();
    kafka.clear();
    for (String version : VERSIONS) {
      kafka.create(version);
      written.put(version, new Written());
    }
    kafka.rollout("V1", ACTIVE);
    String[] active = {"V1"};
    kafka.most(most, new Random(seed));
    int[] count = new int[1];
    happenings.forEach(number -> kafka.then(() -> happen(number, ++count[0], service, written, active)));

    boolean crashed;
    do {
      crashed = false;
      Patience patience = new Patience();
      kafka.whenIdle(patience::stop);
      try {
        new Subscription(new Topics(config), kafka, records, service, Start.at(service.kept.values()), patience).run();
      } catch (Crash e) {
        crashed = true;
      }
    } while (crashed);

    assertThat(service.space).isEqualTo(active[0]);
    assertThat(service.caughtUp).isTrue();
    assertThat(service.held).isEqualTo(written.get(active[0]).latest);
    assertThat(service.delivered).isEqualTo(written.get(active[0]).offsets);
  }

  private static void happen(int number, int count, Service service, Map<String, Written> all, String[] active) {
    String version = VERSIONS[number / 10 % 3];
    String object = "object " + number / 30 % 5;
    int partition = number / 30 % 5 % TopicsInMemory.PARTITIONS;
    Written written = all.get(version);
    switch (number % 10) {
      case 0 -> {
        kafka.writeHole(version, partition);
        written.ends[partition]++;
      }
      case 1 -> {
        kafka.write(version, partition, object, null);
        written.latest.remove(object);
        written.offsets.get(partition).add(++written.ends[partition]);
      }
      case 2 -> {
        if (version.equals(active[0])) {
          kafka.rollout(version, ACTIVE); // its coverage is told again
        } else {
          kafka.flip(active[0], version);
        }
        active[0] = version;
      }
      case 3 -> kafka.fail(number / 30 % 4 == 0 ? 1 : 0);
      case 4 -> {
        service.crashBefore = number / 30 % 2 == 0;
        service.crashAfter = !service.crashBefore;
      }
      default -> {
        kafka.write(version, partition, object, "image " + count);
        written.latest.put(object, "image " + count);
        written.offsets.get(partition).add(++written.ends[partition]);
      }
    }
  }
}
