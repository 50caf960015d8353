package io.accrete.trainer.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.trainer.loop.StepRecord;
import io.accrete.trainer.loop.TrainingLog;
import io.accrete.trainer.loop.TrainingLog.Event;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a report needs of a log. Curves are bounded, whatever the length of the run. */
final class RunHistory implements TrainingLog.Reader {
  /** The ways to compare objects, as evaluations name them, in the order in which they are shown. */
  static final List<String> WAYS = List.of("aggregated", "mean", "maximum", "single");
  private static final List<String> MEASURES = List.of("deviation", "rank", "cosine", "entropy");
  private static final List<String> TITLES =
      List.of("Deviation of embeddings", "Effective rank", "Cosine between objects", "Entropy of the teacher");

  final Map<String, Curve> steps = new LinkedHashMap<>();
  final Map<String, Curve> collapse = new LinkedHashMap<>();
  final Map<String, Curve> ar10 = new LinkedHashMap<>();
  final Map<String, Curve> r1 = new LinkedHashMap<>();
  final List<Event> gates = new ArrayList<>();
  final List<Event> events = new ArrayList<>();
  Event start;
  Event checkpoint;
  StepRecord last;

  private final Curve learningRate = new Curve();
  private final Curve imagesPerSecond = new Curve();
  private final Curve idle = new Curve();

  static RunHistory of(Path runDirectory) {
    RunHistory history = new RunHistory();
    TrainingLog.read(runDirectory, history);
    history.steps.put("Learning rate", history.learningRate);
    history.steps.put("Images per second", history.imagesPerSecond);
    history.steps.put("Waiting for data, %", history.idle);
    return history;
  }

  @Override
  public void step(StepRecord step) {
    add(steps, "Loss of " + step.objective(), step.step(), step.loss());
    step.parts().forEach((name, value) -> add(steps, step.objective() + ": " + name, step.step(), value));
    learningRate.add(step.step(), step.learningRate());
    imagesPerSecond.add(step.step(), step.imagesPerSecond());
    idle.add(step.step(), 100 * step.idle());
    last = step;
  }

  @Override
  public void event(Event event) {
    switch (event.event()) {
      case TrainingLog.START -> start = event;
      case TrainingLog.CHECKPOINT -> checkpoint = event;
      case TrainingLog.COLLAPSE -> {
        for (int i = 0; i < MEASURES.size(); i++) {
          add(collapse, TITLES.get(i), event.step(), event.facts().path(MEASURES.get(i)).asDouble(Double.NaN));
        }
      }
      case TrainingLog.EVALUATION -> evaluated(event);
      case TrainingLog.GATE -> {
        evaluated(event);
        gates.add(event);
      }
      default -> events.add(event);
    }
  }

  private void evaluated(Event event) {
    JsonNode candidate = event.facts().path("candidateScores");
    for (String way : WAYS) {
      add(ar10, way, event.step(), candidate.path(way).path("ar10").asDouble(Double.NaN));
      add(r1, way, event.step(), candidate.path(way).path("r1").asDouble(Double.NaN));
    }
    JsonNode serving = event.facts().path("servingScores").path(WAYS.get(0));
    add(ar10, "serving model, aggregated", event.step(), serving.path("ar10").asDouble(Double.NaN));
    add(r1, "serving model, aggregated", event.step(), serving.path("r1").asDouble(Double.NaN));
  }

  private static void add(Map<String, Curve> curves, String name, long step, double value) {
    curves.computeIfAbsent(name, key -> new Curve()).add(step, value);
  }
}
