package io.accrete.bench;

import static io.accrete.bench.PhotoTurns.IMAGES_PER_OBJECT;

import io.accrete.bench.Overhead.Round;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.Manifest.Shapes;
import io.accrete.config.AccreteConfig;
import io.accrete.events.ObjectEmbedding;
import io.accrete.runtime.Model;
import io.accrete.state.Latent;
import io.accrete.state.ObjectState;
import io.accrete.streams.encode.ServedModel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The app with a model that costs nothing beside the smallest Kafka Streams aggregation of the same records. */
public final class OverheadBench {
  private static final int PHOTOS = 64; // that are different

  private final Settings settings;
  private final AccreteConfig config;
  private final Path directory;
  private final BenchObserver observer;

  /**
   * What is measured.
   *
   * @param bundle whose states and embeddings say how large those without work are
   * @param images events of a round
   * @param photoBytes of each; nobody decodes them
   * @param rounds of both, after one that warms up
   */
  public record Settings(Bundle bundle, int images, int photoBytes, int rounds) {
    public Settings {
      if (images < 2 * EventCluster.WARM_UP_PART || photoBytes < 1 || rounds < 1) {
        throw new IllegalArgumentException("Expected at least " + 2 * EventCluster.WARM_UP_PART + " images, 1 byte and 1 round, found "
            + images + ", " + photoBytes + " and " + rounds + ".");
      }
    }
  }

  /**
   * A benchmark.
   *
   * @param config of the clusters; addresses and directories in it are replaced
   * @param directory for everything, empty
   */
  public OverheadBench(Settings settings, AccreteConfig config, Path directory, BenchObserver observer) {
    this.settings = settings;
    this.config = config;
    this.directory = directory;
    this.observer = observer;
  }

  /** Measures. */
  public Overhead run() throws IOException, InterruptedException {
    int state = stateBytes();
    int embedding = embeddingBytes();
    List<byte[]> photos = photos();
    List<Round> rounds = new ArrayList<>();
    round(photos, state, embedding, 0); // the process is cold
    for (int round = 1; round <= settings.rounds; round++) {
      rounds.add(round(photos, state, embedding, round));
    }
    return new Overhead(settings.images, settings.photoBytes, state, embedding, rounds);
  }

  private Round round(List<byte[]> photos, int state, int embedding, int number) throws IOException, InterruptedException {
    boolean appFirst = number % 2 == 0; // neither is always the one after the other
    double before = appFirst ? app(photos) : 0;
    double plain = plain(photos, state, embedding);
    return new Round(plain, appFirst ? before : app(photos));
  }

  private double app(List<byte[]> photos) throws IOException, InterruptedException {
    return alone("App", photos, cluster -> cluster.run(this::free, observer::reached));
  }

  private double plain(List<byte[]> photos, int state, int embedding) throws IOException, InterruptedException {
    return alone("Aggregation", photos, cluster -> {
      try (PlainAggregation plain = PlainAggregation.start(cluster.config(), state, embedding);
          CommittedRecords records = new CommittedRecords(cluster.config(), PlainAggregation.TOPIC, observer::reached)) {
        return cluster.measured(records, new SimpleMeterRegistry(), plain::requireAlive);
      }
    });
  }

  /** Images a second, on a cluster of its own. */
  private double alone(String name, List<byte[]> photos, EventCluster.Run run) throws IOException, InterruptedException {
    observer.begins(name, settings.images);
    return EventCluster.once(directory.resolve("run"), config, settings.bundle, cluster -> {
      cluster.send(settings.images, PhotoTurns.of(photos, settings.images));
      return run.over(cluster);
    }).imagesPerSecond();
  }

  private ServedModel free(Model model) {
    return FreeModel.of(model, stateFloats(), shapes().embedding());
  }

  private Shapes shapes() {
    return settings.bundle.manifest().shapes();
  }

  private int stateFloats() {
    return shapes().stateTokens() * shapes().dimension();
  }

  /** Of an object in the app. */
  private int stateBytes() throws IOException {
    Latent latent = new Latent(ByteBuffer.allocate(Float.BYTES * stateFloats()), ByteBuffer.allocate(Float.BYTES * shapes().embedding()));
    ObjectState state = new ObjectState(IMAGES_PER_OBJECT, (long) IMAGES_PER_OBJECT, "image" + IMAGES_PER_OBJECT, Instant.now(), 0,
        (long) settings.images, Map.of(), Map.of(settings.bundle.version(), latent));
    return state.toByteBuffer().remaining();
  }

  /** Of a record that the app publishes. */
  private int embeddingBytes() throws IOException {
    return ObjectEmbedding.newBuilder().setVector(Collections.nCopies(shapes().embedding(), 1f)).setModelVersion(settings.bundle.version())
        .setImageCount(IMAGES_PER_OBJECT).setLastImageId("image" + IMAGES_PER_OBJECT).setSequence(IMAGES_PER_OBJECT).setSourcePartition(0)
        .setSourceOffset(settings.images).setUpdatedAt(Instant.now()).build().toByteBuffer().remaining();
  }

  private List<byte[]> photos() {
    Random random = new Random(1);
    List<byte[]> photos = new ArrayList<>();
    for (int i = 0; i < PHOTOS; i++) {
      byte[] photo = new byte[settings.photoBytes];
      random.nextBytes(photo);
      photos.add(photo);
    }
    return photos;
  }
}
