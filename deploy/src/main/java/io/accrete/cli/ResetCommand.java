package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.streams.StreamsApp;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Scanner;
import java.util.concurrent.Callable;
import org.apache.commons.io.FileUtils;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete reset}: lets the app start over. */
@Command(name = "reset", mixinStandardHelpOptions = true, description = {
    "Deletes the app's local state, its internal topics and its offsets, so that its next start folds every image event that the "
        + "topic still holds from the beginning. Image events and published embeddings stay."})
final class ResetCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Option(names = {"-y", "--yes"}, description = "Does it without asking.")
  private boolean yes;

  @Override
  public Integer call() throws IOException {
    AccreteConfig config = options.load();
    String application = config.getString(ConfigKeys.APPLICATION_ID);
    Path state = StreamsApp.stateDirectory(config);
    PrintWriter out = spec.commandLine().getOut();
    try (Cluster cluster = Cluster.connect(config)) {
      List<String> topics = cluster.await(cluster.admin().listTopics().names()).stream().filter(name -> isInternal(name, application))
          .sorted().toList();
      boolean hasOffsets = refuseIfRunning(cluster, application);
      if (topics.isEmpty() && !hasOffsets && !Files.exists(state)) {
        out.println("Nothing to reset: '" + application + "' has no state here, no internal topics and no offsets.");
        return 0;
      }
      out.println("To be deleted for '" + application + "':");
      out.println("  local state      " + state.toAbsolutePath());
      topics.forEach(topic -> out.println("  internal topic   " + topic));
      out.println("  offsets of group " + application);
      if (!yes && !confirmed(out)) {
        out.println("Nothing was deleted.");
        return 1;
      }
      if (hasOffsets) {
        cluster.await(cluster.admin().deleteConsumerGroups(List.of(application)).all());
      }
      cluster.await(cluster.admin().deleteTopics(topics).all());
    }
    FileUtils.deleteDirectory(state.toFile());
    out.println("Done. The next 'accrete serve' starts over."
        + " Other machines that ran this app still have local state: run this there, too.");
    return 0;
  }

  /** Whether the group exists. */
  private static boolean refuseIfRunning(Cluster cluster, String application) {
    ConsumerGroupDescription group;
    try {
      group = cluster.await(cluster.admin().describeConsumerGroups(List.of(application)).describedGroups().get(application));
    } catch (GroupIdNotFoundException e) {
      return false;
    }
    if (!group.members().isEmpty()) {
      throw new IllegalStateException("'" + application + "' is running: its group has " + group.members().size() + " member(s), on "
          + String.join(", ", group.members().stream().map(member -> member.host().replace("/", "")).distinct().toList())
          + ". Stop every instance first. The brokers notice within a minute when one was killed.");
    }
    return true;
  }

  private static boolean isInternal(String topic, String application) {
    return topic.startsWith(application + "-") && (topic.endsWith("-changelog") || topic.endsWith("-repartition"));
  }

  private static boolean confirmed(PrintWriter out) {
    out.print("Delete all this? [y/N] ");
    out.flush();
    Scanner in = new Scanner(System.in, StandardCharsets.UTF_8);
    return in.hasNextLine() && in.nextLine().strip().toLowerCase(Locale.ROOT).matches("y|yes");
  }
}
