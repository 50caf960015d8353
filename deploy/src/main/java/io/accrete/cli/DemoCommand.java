package io.accrete.cli;

import io.accrete.bundle.Bundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.image.ImageLimits;
import io.accrete.image.PhotoFolder;
import io.accrete.local.Instance;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.retrieval.Evaluation;
import io.accrete.retrieval.Photo;
import io.accrete.retrieval.RetrievalReport;
import io.accrete.runtime.Model;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.commons.io.FileUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete demo}: everything, in one process. */
@Command(name = "demo", mixinStandardHelpOptions = true, description = {
    "Starts a Kafka broker, a schema registry and the app in this process, streams photos in, and shows the objects and how well "
        + "they are told apart. "
        + "With --data all is kept, and the same command again continues, also after a crash."})
final class DemoCommand implements Callable<Integer> {
  private static final Duration START_TIMEOUT = Duration.ofMinutes(5); // restoring state may take a while
  private static final long CATALOGUE_SEED = 1;
  private static final int CATALOGUE_PRODUCTS = 24;
  private static final int CATALOGUE_PHOTOS = 8;
  private static final int IMAGES_A_SIDE = 4;

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Option(names = "--photos", paramLabel = "DIR",
      description = "Photos to stream in, a directory or a .zip with one folder for each object; without it a rendered catalogue.")
  private Path photos;

  @Option(names = "--bundle", paramLabel = "BUNDLE", description = "Folder of the model bundle, or " + Bundles.NAMES
      + "; without it the configured one.")
  private String bundle;

  @Option(names = "--limit", paramLabel = "N", description = "At most so many photos, one of each object in turn.")
  private Integer limit;

  @Option(names = "--data", paramLabel = "DIR",
      description = "Where to keep everything; without it a temporary directory, removed at the end.")
  private Path data;

  @Option(names = "--keep", description = "Stays up until Ctrl-C, and keeps the data.")
  private boolean keep;

  @Option(names = "--report", paramLabel = "FILE", description = "Writes the numbers as JSON.")
  private Path report;

  @Option(names = "--port", paramLabel = "PORT", defaultValue = "0",
      description = "Port of the HTTP API (default: 8080, or another if that is taken).")
  private int apiPort;

  @Option(names = "--broker-port", paramLabel = "PORT", defaultValue = "0",
      description = "Port of the Kafka broker (default: 9092, or another).")
  private int brokerPort;

  @Option(names = "--registry-port", paramLabel = "PORT", defaultValue = "0",
      description = "Port of the schema registry (default: 8081, or another).")
  private int registryPort;

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private Bundle loaded;
  private boolean ended;

  @Override
  public Integer call() throws IOException, InterruptedException {
    AccreteConfig config = options.load(); // a mistyped key, folder or file is told before anything is made
    requireFolder(report);
    try (PhotoFolder given = photos == null ? null : PhotoFolder.scan(photos)) {
      return run(config, given);
    }
  }

  private int run(AccreteConfig config, PhotoFolder given) throws IOException, InterruptedException {
    StopSignal stop = StopSignal.install(this::end);
    try {
      LocalCluster cluster = start(config);
      PhotoFolder folder = given == null ? PhotoFolder.scan(catalogue(cluster.configFile().resolveSibling("catalogue"))) : given;
      PrintWriter out = spec.commandLine().getOut();
      demonstrate(cluster, limited(folder), out);
      if (keep) {
        hints(cluster, out);
        stop.await();
      }
      return 0;
    } catch (RuntimeException | IOException | InterruptedException e) {
      if (stop.requested()) {
        stop.await(); // it failed because it was stopped
      }
      throw e;
    } finally {
      end();
    }
  }

  /** Like all that is synchronized here not to be ended half way: Ctrl-C waits until there is something whole to close. */
  private synchronized LocalCluster start(AccreteConfig given) throws IOException {
    requireNotEnded();
    DemoDirectory directory = DemoDirectory.open(data, keep);
    open.push(directory);
    AccreteConfig config = given.with(Map.of(ConfigKeys.STATE_DIR, directory.path().resolve("state").toString()));
    loaded = bundle == null ? Bundles.configured(config) : Bundles.named(bundle, config);
    config = config.with(Map.of(ConfigKeys.BUNDLE, loaded.root().toAbsolutePath().toString()));
    LocalCluster cluster = LocalCluster.open(directory.path(), config, new Ports(brokerPort, registryPort, apiPort));
    open.push(cluster);
    return cluster;
  }

  private synchronized void end() {
    ended = true;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) { // the others must be closed all the same
        spec.commandLine().getErr().println("accrete: " + Errors.message(e));
      }
    }
  }

  private PhotoFolder limited(PhotoFolder folder) {
    return limit == null ? folder : folder.limit(limit);
  }

  private void requireNotEnded() {
    if (ended) {
      throw new IllegalStateException("Stopped.");
    }
  }

  private static void requireFolder(Path file) {
    if (file != null && !Files.isDirectory(file.toAbsolutePath().getParent())) {
      throw new IllegalArgumentException("No such directory for the report: " + file.toAbsolutePath().getParent());
    }
  }

  private void demonstrate(LocalCluster cluster, PhotoFolder photos, PrintWriter out)
      throws IOException, InterruptedException {
    AccreteConfig config = cluster.config();
    String url = "http://" + config.getString(ConfigKeys.API_HOST) + ":" + config.getInt(ConfigKeys.API_PORT);
    out.printf("Kafka %s, schema registry %s, HTTP API %s, data %s%n", config.kafkaClient().get(ConfigKeys.BOOTSTRAP_SERVERS),
        String.join(",", config.getList(ConfigKeys.REGISTRY_URL)), url, cluster.configFile().getParent());
    out.printf("Console: %s/ shows the objects as they grow%n", url);
    out.printf("%,d photos of %,d objects from %s, model %s%n", photos.photos().size(), photos.objects().size(), photos.directory(),
        loaded.version());
    if (loaded.isUntrained()) {
      out.println("This model is untrained: its embeddings show how the system works, not how well it can tell objects apart. "
          + "--bundle names a better one.");
    }
    out.flush();
    try (FoldRun run = new FoldRun(config, loaded.version())) {
      Instance app = cluster.serve(loaded);
      app.awaitRunning(START_TIMEOUT);
      awaitServing(app, config, out);
      FoldRun.Result result = run.run(photos.photos(), app);
      tell(result, run.objects(), out);
      RetrievalReport retrieval = retrieval(config, photos, out);
      if (report != null) {
        DemoReport.of(result, run.objects(), retrieval).write(report);
        out.println("Report written to " + report);
      }
    }
    out.flush();
  }

  /** Data of an earlier run may be in the space of another model, and is then folded again first. */
  private void awaitServing(Instance app, AccreteConfig config, PrintWriter out) throws InterruptedException {
    boolean automatic = config.getString(ConfigKeys.ROLLOUT_ACTIVATION).equals("auto");
    if (!app.awaitServing(loaded.version(), automatic ? START_TIMEOUT : Duration.ZERO)) {
      out.printf("Model %s is not the one that is served on this data; what is shown of it may not be complete. With --keep, "
          + "'accrete models list' shows how things stand, and 'accrete models activate' rolls a version out.%n", loaded.version());
      out.flush();
    }
  }

  /** The scores of one draw of halves of these photos; null if there are too few for that. */
  private RetrievalReport retrieval(AccreteConfig config, PhotoFolder photos, PrintWriter out) {
    try (Model model = Bundles.load(loaded, config)) {
      RetrievalReport scores = scores(new Evaluation(model, ImageLimits.LOCAL, IMAGES_A_SIDE, 1, 0), Photo.objects(photos));
      out.println("How well half of an object's photos finds the other half:");
      out.print(RetrievalTable.of(scores));
      return scores;
    } catch (IllegalArgumentException e) {
      out.println("No retrieval scores: " + e.getMessage());
      return null;
    }
  }

  private static RetrievalReport scores(Evaluation evaluation, Map<String, List<Photo>> objects) {
    try (EncodingProgress progress = new EncodingProgress()) {
      return evaluation.halves(objects, progress);
    }
  }

  private static void tell(FoldRun.Result result, Map<String, ObjectEmbedding> objects, PrintWriter out) {
    ObjectTable.print(objects, out);
    out.printf("%,d events in %.1f s: %,d embeddings published, %,d known already, %,d dead letters%s%n", result.events(), result.seconds(),
        result.embeddings(), result.duplicates(), result.deadLettered(), result.rejected().isEmpty() ? "" : " " + result.rejected());
    result.problems().forEach(problem -> out.println("Not sent: " + problem));
    out.flush();
  }

  /** Rendered once; under its name only when it is whole. */
  private synchronized Path catalogue(Path directory) throws IOException {
    requireNotEnded();
    if (!Files.exists(directory)) {
      Path unfinished = directory.resolveSibling("catalogue.unfinished");
      FileUtils.deleteDirectory(unfinished.toFile());
      new Catalogue(CATALOGUE_SEED, CATALOGUE_PRODUCTS).writeTo(unfinished, CATALOGUE_PHOTOS);
      Files.move(unfinished, directory);
    }
    return directory;
  }

  private static void hints(LocalCluster cluster, PrintWriter out) {
    String config = " --config " + cluster.configFile();
    out.println("Up until Ctrl-C. To try in another terminal:");
    for (String command : new String[] {"tail --from-beginning", "get OBJECT", "similar OBJECT", "similar photo.jpg", "ingest DIR"}) {
      out.println("  accrete " + command + config);
    }
    out.flush();
  }
}
