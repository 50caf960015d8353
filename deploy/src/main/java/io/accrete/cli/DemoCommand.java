package io.accrete.cli;

import io.accrete.bundle.Bundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.image.ImageLimits;
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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
      description = "Photos to stream in, one folder for each object; without it a rendered catalogue.")
  private Path photos;

  @Option(names = "--bundle", paramLabel = "DIR", description = "Model bundle; without it an untrained model.")
  private Path bundle;

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

  @Override
  public Integer call() throws IOException, InterruptedException {
    boolean temporary = data == null;
    Path directory = temporary ? Files.createTempDirectory("accrete-demo-") : Files.createDirectories(data);
    Logging.LogFile log = Logging.toFile(directory.resolve("accrete.log"));
    try {
      return run(directory.toAbsolutePath());
    } finally {
      log.close();
      if (temporary && !keep) {
        LocalState.delete(directory);
      }
    }
  }

  private int run(Path directory) throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PhotoFolder folder = PhotoFolder.scan(photos == null ? catalogue(directory.resolve("catalogue")) : photos);
    PhotoFolder sent = limit == null ? folder : folder.limit(limit);
    AccreteConfig given = options.load().with(Map.of(ConfigKeys.STATE_DIR, directory.resolve("state").toString()));
    if (bundle != null) {
      given = given.with(Map.of(ConfigKeys.BUNDLE, bundle.toAbsolutePath().toString()));
    }
    Bundle model = Bundles.configured(given);
    AccreteConfig config = given.with(Map.of(ConfigKeys.BUNDLE, model.root().toAbsolutePath().toString()));
    try (LocalCluster cluster = LocalCluster.open(directory, config, new Ports(brokerPort, registryPort, apiPort))) {
      StopSignal stop = StopSignal.install(() -> stop(cluster, directory));
      try {
        demonstrate(cluster, model, sent, out);
      } catch (RuntimeException | IOException | InterruptedException e) {
        if (stop.requested()) {
          stop.await();
        }
        throw e;
      }
      if (keep) {
        hints(cluster, out);
        stop.await();
      }
    }
    return 0;
  }

  private void demonstrate(LocalCluster cluster, Bundle bundle, PhotoFolder photos, PrintWriter out)
      throws IOException, InterruptedException {
    AccreteConfig config = cluster.config();
    out.printf("Kafka %s, schema registry %s, HTTP API http://%s:%d, data %s%n", config.kafkaClient().get(ConfigKeys.BOOTSTRAP_SERVERS),
        String.join(",", config.getList(ConfigKeys.REGISTRY_URL)), config.getString(ConfigKeys.API_HOST),
        config.getInt(ConfigKeys.API_PORT),
        cluster.configFile().getParent());
    out.printf("%,d photos of %,d objects from %s, model %s%n", photos.photos().size(), photos.objects(), photos.directory(),
        bundle.version());
    if (this.bundle == null) {
      out.println("This model is untrained: its embeddings show how the system works, not how well it can tell objects apart. "
          + "--bundle names a better one.");
    }
    out.flush();
    try (FoldRun run = new FoldRun(config, bundle.version())) {
      Model model = Bundles.load(bundle, config);
      Instance app = cluster.serve(model);
      app.awaitRunning(START_TIMEOUT);
      FoldRun.Result result = run.run(photos.photos(), app);
      tell(result, run.objects(), out);
      RetrievalReport retrieval = retrieval(model, config, photos, out);
      if (report != null) {
        DemoReport.of(result, run.objects(), retrieval).write(report);
        out.println("Report written to " + report);
      }
    }
    out.flush();
  }

  /** The scores of one draw of halves of these photos; null if there are too few for that. */
  private static RetrievalReport retrieval(Model model, AccreteConfig config, PhotoFolder photos, PrintWriter out) {
    Map<String, List<Photo>> objects = photos.photos().stream().collect(
        Collectors.groupingBy(PhotoFile::objectId, TreeMap::new, Collectors.mapping(photo -> Photo.of(photo.file()), Collectors.toList())));
    try {
      RetrievalReport scores = scores(new Evaluation(model, ImageLimits.LOCAL, IMAGES_A_SIDE, 1, 0), objects);
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

  private void stop(LocalCluster cluster, Path directory) {
    cluster.close();
    if (data == null && !keep) {
      try {
        LocalState.delete(directory);
      } catch (IOException e) {
        spec.commandLine().getErr().println("accrete: " + directory + " could not be removed: " + e.getMessage());
      }
    }
  }

  /** Rendered once; under its name only when it is whole. */
  private static Path catalogue(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      Path unfinished = directory.resolveSibling("catalogue.unfinished");
      LocalState.delete(unfinished);
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
