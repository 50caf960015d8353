package io.accrete.cli;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.streams.rollout.RolloutReader;
import io.accrete.topics.Topic;
import io.accrete.topics.Topics;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code accrete topics}: the topics on the cluster. */
@Command(name = "topics", mixinStandardHelpOptions = true, description = "The topics on the cluster.")
final class TopicsCommand {
  @Spec private CommandSpec spec;

  @Command(name = "create", mixinStandardHelpOptions = true,
      description = "Creates the topics that are missing, and checks the others. 'accrete serve' does the same when it starts.")
  private int create(@Mixin ConfigOptions options) {
    AccreteConfig config = options.load();
    Topics topics = new Topics(config);
    Bundle bundle = Bundles.configured(config);
    List<Topic> all = new ArrayList<>(topics.all());
    try (Cluster cluster = Cluster.connect(config)) {
      topics.create(cluster.admin());
      if (!isOver(config, bundle.version())) { // nobody would delete it
        topics.create(cluster.admin(), bundle.version());
        all.add(topics.embeddingsTopic(bundle.version()));
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    all.forEach(topic -> out.printf("%-50s %4d partitions  %s%n", topic.name(), topic.partitions(), settings(topic)));
    return 0;
  }

  private static boolean isOver(AccreteConfig config, String version) {
    try (RolloutReader rollouts = new RolloutReader(config)) {
      return rollouts.catchUp().isOver(version);
    }
  }

  private static String settings(Topic topic) {
    Map<String, String> sorted = new TreeMap<>(topic.configs());
    return String.join(" ", sorted.entrySet().stream().map(Object::toString).toList());
  }
}
