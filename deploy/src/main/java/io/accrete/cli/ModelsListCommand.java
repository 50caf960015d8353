package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.events.ModelVersion;
import io.accrete.events.RolloutEvent;
import io.accrete.streams.rollout.RolloutView;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code accrete models list}: the published versions. */
@Command(name = "list", mixinStandardHelpOptions = true,
    description = "Prints the published model versions, the newest last: where their rollouts stand, when they were published, scores.")
final class ModelsListCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    AccreteConfig config = options.load();
    PrintWriter out = spec.commandLine().getOut();
    RolloutView view = RolloutOrder.connected(config, (cluster, client) -> client.view());
    if (view.versions().isEmpty()) {
      out.println("No model version is published. 'accrete models publish BUNDLE' publishes one.");
    } else {
      print(view, out);
    }
    return 0;
  }

  private static void print(RolloutView view, PrintWriter out) {
    List<ModelVersion> versions = view.versions();
    int width = versions.stream().mapToInt(model -> model.getModelVersion().length()).max().orElseThrow();
    String row = "%-" + Math.max(width, "version".length()) + "s  %-19s  %8s  %-20s  %s";
    out.println(String.format(row, "version", "state", "coverage", "published", "scores"));
    for (ModelVersion model : versions) {
      out.println(row(row, model, view).stripTrailing());
    }
  }

  private static String row(String row, ModelVersion model, RolloutView view) {
    Optional<RolloutEvent> event = view.event(model.getModelVersion());
    return String.format(row, model.getModelVersion(),
        view.state(model.getModelVersion()).orElseThrow() + (event.filter(RolloutEvent::getPaused).isPresent() ? ", paused" : ""),
        event.map(known -> String.format(Locale.ROOT, "%.1f %%", 100 * known.getCoverage())).orElse("-"),
        model.getPublishedAt().truncatedTo(ChronoUnit.SECONDS), scores(model));
  }

  private static String scores(ModelVersion model) {
    return new TreeMap<>(model.getMetrics()).entrySet().stream()
        .map(score -> String.format(Locale.ROOT, "%s %.3f", score.getKey(), score.getValue())).collect(Collectors.joining(", "));
  }
}
