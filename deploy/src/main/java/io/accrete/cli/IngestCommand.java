package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.image.PhotoFolder;
import io.accrete.serde.AvroSerdes;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accrete ingest}: photos on disk become image events. */
@Command(name = "ingest", mixinStandardHelpOptions = true, description = {
    "Sends the photos of a directory. Its folders are objects, named like the folder; the files in them are their images, "
        + "named like the file. A second run sends only what is new or changed."})
final class IngestCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Directory, or .zip, with one folder for each object.")
  private Path directory;

  @Option(names = "--reference", description = "Sends the files' addresses instead of their bytes; the app must be allowed to read them ("
      + ConfigKeys.FILE_ROOTS + ").")
  private boolean byReference;

  @Option(names = "--limit", paramLabel = "N", description = "Sends at most so many photos, one of each object in turn.")
  private Integer limit;

  @Override
  public Integer call() throws IOException {
    AccreteConfig config = options.load();
    try (PhotoFolder all = PhotoFolder.scan(directory)) {
      if (byReference && all.photos().get(0).inZip()) {
        throw new IllegalArgumentException("The photos of " + directory.toAbsolutePath() + " have no addresses that an app could read. "
            + "Leave out --reference, which sends their bytes, or unpack the zip.");
      }
      return send(config, limit == null ? all : all.limit(limit));
    }
  }

  private int send(AccreteConfig config, PhotoFolder folder) throws IOException {
    String topicId;
    try (Cluster cluster = Cluster.connect(config)) {
      topicId = cluster.topic(config.getString(ConfigKeys.TOPIC_IMAGE_EVENTS)).topicId().toString();
    }
    Ingest ingest = new Ingest(config, AvroSerdes.serializer(config), byReference);
    Ingest.Outcome outcome;
    try (Journal journal = Journal.open(LocalState.journal(config, topicId));
        Progress progress = Progress.start("Sending", folder.photos().size(), System.err)) {
      outcome = ingest.send(folder.photos(), journal, progress::step);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf("Sent %,d photos of %,d objects; %,d were sent before.%n", outcome.sent(), folder.objects().size(), outcome.known());
    if (byReference && config.getList(ConfigKeys.FILE_ROOTS).isEmpty()) {
      out.println("An app with this configuration cannot read them: " + ConfigKeys.FILE_ROOTS + " is empty.");
    }
    if (folder.skipped() > 0) {
      out.printf("Left out %,d files that are no photos in an object's folder.%n", folder.skipped());
    }
    outcome.problems().forEach(problem -> out.println("Not sent: " + problem));
    return outcome.problems().isEmpty() ? 0 : 1;
  }
}
