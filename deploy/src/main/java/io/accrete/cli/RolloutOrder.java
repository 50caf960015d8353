package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.events.RolloutAction;
import io.accrete.events.RolloutEvent;
import io.accrete.streams.rollout.RolloutClient;
import io.accrete.topics.Topics;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.BiFunction;

/** What the commands about rollouts have in common. */
final class RolloutOrder {
  private RolloutOrder() {}

  /** Asks for something, waits until it is so and prints it. */
  static int run(AccreteConfig config, RolloutAction action, String version, PrintWriter out) {
    RolloutEvent event = connected(config, (cluster, client) -> client.ask(action, version));
    out.println(event.getModelVersion() + " is " + event.getState() + (event.getPaused() ? ", paused" : "") + ": " + event.getReason());
    if (action == RolloutAction.ACTIVATE) {
      out.println("'accrete models status " + event.getModelVersion() + " --watch' follows it.");
    }
    return 0;
  }

  /** Connects and has something done; throws with a message for people if there is no broker or a topic is missing. */
  static <T> T connected(AccreteConfig config, BiFunction<Cluster, RolloutClient, T> work) {
    Topics topics = new Topics(config);
    try (Cluster cluster = Cluster.connect(config)) {
      List.of(topics.modelVersions(), topics.modelRollouts(), topics.rolloutReports(), topics.rolloutCommands()).forEach(cluster::topic);
      try (RolloutClient client = new RolloutClient(config, cluster.admin())) {
        return work.apply(cluster, client);
      }
    }
  }
}
