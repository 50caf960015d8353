package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import io.accrete.streams.rollout.Coverage;
import io.accrete.streams.rollout.RolloutClient;
import io.accrete.streams.rollout.RolloutView;
import io.accrete.topics.Topics;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accrete models status}: how far a rollout is. */
@Command(name = "status", mixinStandardHelpOptions = true,
    description = "Prints where the rollout of a model version stands and why, how many objects are folded under it, and on which "
        + "instances it is ready.")
final class ModelsStatusCommand implements Callable<Integer> {
  private static final Set<RolloutState> ENDS = Set.of(RolloutState.ACTIVE, RolloutState.FAILED, RolloutState.RETIRED);

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "VERSION", arity = "0..1",
      description = "The model version; without it, the one that is being rolled out, else the active one.")
  private String version;

  @Option(names = "--watch", description = "Follows the rollout until the version is active (0 is returned) or has failed (1).")
  private boolean watch;

  @Override
  public Integer call() {
    AccreteConfig config = options.load();
    PrintWriter out = spec.commandLine().getOut();
    return RolloutOrder.connected(config, (cluster, client) -> {
      int partitions = cluster.topic(new Topics(config).imageEvents()).partitions().size();
      RolloutEvent event = chosen(client.view());
      if (watch && !ENDS.contains(event.getState())) {
        event = follow(client, event, partitions);
      }
      RolloutStatus.print(client.view(), event, partitions, Instant.now(), out);
      return !watch || event.getState() == RolloutState.ACTIVE ? 0 : 1;
    });
  }

  private RolloutEvent chosen(RolloutView view) {
    if (version == null) {
      return view.rolling().or(() -> view.latest(RolloutState.ACTIVE)).orElseThrow(() -> new IllegalStateException(
          "No version is being rolled out, and none is active. 'accrete models list' shows what there is."));
    }
    return view.event(version).orElseThrow(() -> new IllegalStateException(view.version(version).isPresent()
        ? version + " is published, and no coordinator has taken it up yet: is an instance of the app running ('accrete serve')?"
        : version + " is not published. 'accrete models list' shows what there is."));
  }

  private static RolloutEvent follow(RolloutClient client, RolloutEvent from, int partitions) {
    String followed = from.getModelVersion();
    RolloutEvent event = from;
    try (Progress progress = Progress.start("Objects", 0, System.err)) {
      tell(progress, event);
      while (!ENDS.contains(event.getState())) {
        RolloutView view = client.next();
        RolloutEvent next = view.event(followed).orElse(event);
        if (next.getState() != event.getState() || next.getPaused() != event.getPaused()) {
          tell(progress, next);
        }
        event = next;
        Coverage coverage = view.coverage(followed, partitions);
        progress.total(coverage.objects());
        progress.stepTo(coverage.covered());
      }
    }
    return event;
  }

  private static void tell(Progress progress, RolloutEvent event) {
    progress.say(event.getModelVersion() + " is " + event.getState() + (event.getPaused() ? ", paused" : "") + ": " + event.getReason());
  }
}
