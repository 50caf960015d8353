package io.accrete.bench;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The app against the same job on Apache Flink, each in a process of its own, on a cluster of its own, with the same events: as fast as
 * they can, by the real encoder and by a simulated accelerator; then at half of the rate of the slowest of them.
 */
public final class FlinkBench {
  private static final String MAIN_CLASS = "io.accrete.flink.FlinkJob";
  private static final int PART = 4; // of the images: as many again to warm up, and as many that are still there at the end

  /**
   * What is measured.
   *
   * @param classPath the folder with the jars of the job on Flink
   * @param images timed in each run
   * @param events sent at the steady rate
   * @param deviceMillis of the simulated accelerator for a batch
   * @param checkpointMillis times between Flink's checkpoints, each measured
   */
  public record Settings(Bundle bundle, Path classPath, List<byte[]> photos, int images, int events, long deviceMillis,
      List<Long> checkpointMillis) {
    public Settings {
      checkpointMillis = List.copyOf(checkpointMillis);
      if (images < PART || events < 1 || deviceMillis < 1 || checkpointMillis.stream().anyMatch(millis -> millis < 10)) {
        throw new IllegalArgumentException("Expected at least " + PART + " images, 1 event, 1 millisecond of the accelerator and 10 "
            + "between checkpoints, found " + images + ", " + events + ", " + deviceMillis + " and " + checkpointMillis + ".");
      }
    }

    /** Images in all, for those who wait. */
    public long total() {
      return (1L + checkpointMillis.size()) * (2L * (images + warmUp()) + warmUp() + events);
    }

    private int warmUp() {
      return images / PART;
    }
  }

  /** One of those that are compared; no checkpoints: the app. */
  private record Contender(String name, Long checkpointMillis) {}

  private final Settings settings;
  private final AccreteConfig config;
  private final Path directory;
  private final LongConsumer done;
  private long images;

  /**
   * A benchmark.
   *
   * @param directory for the clusters' data; the caller removes it
   * @param done is told again and again how many images were done
   */
  public FlinkBench(Settings settings, AccreteConfig config, Path directory, LongConsumer done) {
    this.settings = settings;
    // The job on Flink samples no sets for a trainer and cannot be searched, so the app is not to do so either.
    this.config = config.with(Map.of(ConfigKeys.SAMPLER_OBJECTS, "0", ConfigKeys.SIMILARITY_INDEX, "false"));
    this.directory = directory;
    this.done = done;
  }

  /** Measures. */
  public FlinkComparison run() throws IOException, InterruptedException {
    List<Contender> contenders = new ArrayList<>(List.of(new Contender("app", null)));
    settings.checkpointMillis.forEach(millis -> contenders.add(new Contender("flink-" + millis, millis)));
    List<Double> real = new ArrayList<>();
    List<Double> simulated = new ArrayList<>();
    for (Contender contender : contenders) {
      real.add(imagesPerSecond(contender, 0));
    }
    for (Contender contender : contenders) {
      simulated.add(imagesPerSecond(contender, settings.deviceMillis));
    }
    double rate = real.stream().mapToDouble(each -> each).min().orElseThrow() / 2;
    List<JobMeasures> measures = new ArrayList<>();
    for (int i = 0; i < contenders.size(); i++) {
      measures.add(new JobMeasures(real.get(i), simulated.get(i), latencies(contenders.get(i), rate)));
    }
    JobMeasures app = measures.get(0);
    List<FlinkComparison.Flink> flink = new ArrayList<>();
    for (int i = 1; i < contenders.size(); i++) {
      flink.add(new FlinkComparison.Flink(contenders.get(i).checkpointMillis, measures.get(i), app));
    }
    return new FlinkComparison(settings.images, config.getInt(ConfigKeys.COMMIT_INTERVAL), settings.deviceMillis, rate, app, flink);
  }

  private double imagesPerSecond(Contender contender, long deviceMillis) throws IOException {
    String name = contender.name + (deviceMillis == 0 ? "" : "-simulated");
    try (JobRun run = open(name)) {
      run.send(settings.images + 2 * settings.warmUp());
      run.start(command(contender, deviceMillis, name));
      return run.imagesPerSecond(settings.warmUp(), settings.warmUp() + settings.images);
    }
  }

  private Latencies latencies(Contender contender, double rate) throws IOException, InterruptedException {
    String name = contender.name + "-live";
    try (JobRun run = open(name)) {
      run.send(settings.warmUp());
      run.start(command(contender, 0, name));
      run.await(settings.warmUp());
      return run.latencies(settings.events, rate);
    }
  }

  private JobRun open(String name) {
    return JobRun.open(directory.resolve(name), config, settings.bundle, settings.photos,
        PhotoTurns.objects(settings.images), this::done);
  }

  private void done(long more) {
    images += more;
    done.accept(Math.min(images, settings.total())); // more than were waited for may come at once
  }

  private JobProcess.Command command(Contender contender, long deviceMillis, String name) {
    List<String> arguments = new ArrayList<>(List.of(settings.bundle.root().toString(), Long.toString(deviceMillis)));
    if (contender.checkpointMillis == null) {
      return new JobProcess.Command("The app", System.getProperty("java.class.path"), AppJob.class.getName(), arguments);
    }
    arguments.add(contender.checkpointMillis.toString());
    arguments.add(directory.resolve(name).resolve("flink").toString());
    return new JobProcess.Command("The job on Flink", settings.classPath + File.separator + "*", MAIN_CLASS, arguments);
  }
}
