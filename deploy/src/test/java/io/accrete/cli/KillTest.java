package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.image.PhotoFolder;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real process with a real broker in it, killed at moments of its progress, and run again with other threads and batches. */
class KillTest {
  private static final int PRODUCTS = 10;
  private static final int PHOTOS_PER_PRODUCT = 20;
  private static final int KILLS = 3;
  private static final String PARTITIONS = "4";
  private static final List<String> THREADS = List.of("1", "4");
  private static final List<String> BATCHES = List.of("1", "64");

  @TempDir private Path dir;
  private int killed;

  @Test
  @Timeout(300)
  void shouldFoldEveryPhotoExactlyOnceWhateverMomentItIsKilled() throws Exception {
    PhotoFolder photos = Runs.photos(dir.resolve("photos"), PRODUCTS, PHOTOS_PER_PRODUCT);
    Bundle bundle = Runs.bundle(dir.resolve("bundle"));
    Map<String, ObjectEmbedding> expected = uninterrupted(photos, bundle);
    Path data = dir.resolve("data");

    long seed = new Random().nextLong();
    System.out.println("KillTest seed " + seed);
    Random random = new Random(seed);
    for (int kill = 0; kill < KILLS; kill++) { // in the first half: commits are few, and the second must not be one of them
      killAt((long) ((kill + random.nextDouble()) / KILLS * photos.photos().size() / 2), data, photos.directory(), bundle, random);
    }
    Process last = start(data, photos.directory(), bundle, random);
    assertThat(last.waitFor(120, TimeUnit.SECONDS)).as(output()).isTrue();
    assertThat(last.exitValue()).as(output()).isZero();

    try (LocalCluster cluster = LocalCluster.open(data, Runs.config(bundle, Map.of(ConfigKeys.TOPIC_PARTITIONS, PARTITIONS)), Ports.ANY)) {
      check(Runs.history(cluster.config(), bundle.version()), expected);
    }
    assertThat(killed).as("runs that were killed before they were done").isEqualTo(KILLS);
  }

  /** One image at a time. */
  private Map<String, ObjectEmbedding> uninterrupted(PhotoFolder photos, Bundle bundle) throws Exception {
    try (LocalCluster cluster = LocalCluster.open(dir.resolve("uninterrupted"),
            Runs.config(bundle, Map.of(ConfigKeys.TOPIC_PARTITIONS, PARTITIONS, ConfigKeys.AHEAD_BYTES, "0")), Ports.ANY);
        FoldRun run = new FoldRun(cluster.config(), bundle.version())) {
      FoldRun.Result result = run.run(photos.photos(), cluster.serve(bundle));
      assertThat(result.embeddings()).isEqualTo(photos.photos().size());
      return Map.copyOf(run.objects());
    }
  }

  private static void check(List<ConsumerRecord<String, ObjectEmbedding>> history, Map<String, ObjectEmbedding> expected) {
    Map<String, List<ObjectEmbedding>> byObject = history.stream()
        .collect(Collectors.groupingBy(ConsumerRecord::key, Collectors.mapping(ConsumerRecord::value, Collectors.toList())));
    assertThat(byObject.keySet()).isEqualTo(expected.keySet());
    byObject.forEach((object, changes) -> {
      assertThat(changes).as(object).extracting(ObjectEmbedding::getSequence)
          .containsExactlyElementsOf(LongStream.rangeClosed(1, PHOTOS_PER_PRODUCT).boxed().toList());
      ObjectEmbedding newest = changes.get(changes.size() - 1);
      assertThat(newest.getImageCount()).as(object).isEqualTo(PHOTOS_PER_PRODUCT);
      assertThat(newest.getVector()).as(object).isEqualTo(expected.get(object).getVector());
    });
  }

  /** Kills a run when so many events are committed; 0: as soon as the broker answers. */
  private void killAt(long target, Path data, Path photos, Bundle bundle, Random random) throws Exception {
    Process process = start(data, photos, bundle, random);
    long committed = 0;
    try (Admin admin = admin(process, data)) {
      do {
        if (process.waitFor(5, TimeUnit.MILLISECONDS)) {
          assertThat(process.exitValue()).as(output()).isZero();
          System.out.println("  done before " + target + " events");
          return;
        }
        committed = Math.max(committed, committed(admin));
      } while (committed < target);
    } finally {
      process.destroyForcibly().waitFor();
    }
    killed++;
    System.out.println("  killed at " + committed + " events");
  }

  private static Admin admin(Process process, Path data) throws InterruptedException {
    Path file = data.resolve(LocalCluster.CONFIG_FILE);
    while (!Files.exists(file) && !process.waitFor(20, TimeUnit.MILLISECONDS)) {
      Thread.onSpinWait();
    }
    Map<String, Object> client = new HashMap<>(AccreteConfig.load(file, Map.of(), Map.of()).kafkaClient());
    client.put("request.timeout.ms", 2000);
    client.put("default.api.timeout.ms", 2000);
    return Admin.create(client);
  }

  private static long committed(Admin admin) throws InterruptedException {
    try {
      return admin.listConsumerGroupOffsets("accrete").partitionsToOffsetAndMetadata().get().values().stream()
          .filter(offset -> offset != null).mapToLong(OffsetAndMetadata::offset).sum();
    } catch (ExecutionException notYet) {
      return 0;
    }
  }

  private Process start(Path data, Path photos, Bundle bundle, Random random) throws IOException {
    return ChildJvm.of(Accrete.class, 512, dir.resolve("output"), List.of(
        "demo", "--photos", photos.toString(), "--bundle", bundle.root().toString(), "--data", data.toString(),
        "-c", ConfigKeys.TOPIC_PARTITIONS + "=" + PARTITIONS, "-c", ConfigKeys.COMMIT_BACKLOG_INTERVAL + "=100",
        "-c", ConfigKeys.STREAM_THREADS + "=" + some(THREADS, random), "-c", ConfigKeys.AHEAD_BATCH + "=" + some(BATCHES, random)))
        .start();
  }

  private static String some(List<String> values, Random random) {
    return values.get(random.nextInt(values.size()));
  }

  private String output() throws IOException {
    return Files.readString(dir.resolve("output"));
  }
}
