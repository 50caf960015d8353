package io.accrete.streams.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.accrete.events.TrainingProgress;
import io.accrete.streams.http.Json;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The latest runs, bounded whatever is told: old runs are forgotten, and curves that grow long are thinned evenly. For any thread. */
final class TrainingRuns {
  static final int RUNS = 20;
  static final int POINTS = 2_000; // of a run
  private static final int EVENTS = 200;
  private static final int VALUES = 24; // of a point
  private static final int CHARS = 500;

  private final Map<String, Run> runs = new LinkedHashMap<>(16, 0.75f, true); // those told of last at the end

  private record Point(String stage, long step, Instant at, Map<String, Double> values) {}

  private record Event(Instant at, String text) {}

  private static final class Run {
    private final Instant startedAt;
    private final List<Point> points = new ArrayList<>();
    private final Deque<Event> events = new ArrayDeque<>();
    private Instant updatedAt;
    private String stage;
    private long step;
    private long steps;
    private int every = 1; // of the points that come, so many make one that is kept
    private int passed;
    private Point latest; // kept or not

    Run(Instant startedAt) {
      this.startedAt = startedAt;
    }

    void apply(TrainingProgress progress) {
      String before = stage;
      updatedAt = progress.getAt();
      stage = cut(progress.getStage());
      if (progress.getStep() < step && stage.equals(before)) { // it goes on from a checkpoint: what came after that is done again
        long last = progress.getValues().isEmpty() ? progress.getStep() : progress.getStep() - 1;
        points.removeIf(point -> point.stage().equals(stage) && point.step() > last);
        latest = null;
      }
      step = progress.getStep();
      steps = progress.getSteps();
      if (progress.getEvent() != null) {
        events.addLast(new Event(updatedAt, cut(progress.getEvent())));
        if (events.size() > EVENTS) {
          events.removeFirst();
        }
      }
      if (!progress.getValues().isEmpty()) {
        add(new Point(stage, step, updatedAt, bounded(progress.getValues())));
      }
    }

    private void add(Point point) {
      latest = point;
      if (passed++ % every != 0) {
        return;
      }
      points.add(point);
      if (points.size() == POINTS) {
        List<Point> half = new ArrayList<>();
        for (int i = 0; i < points.size(); i += 2) {
          half.add(points.get(i));
        }
        points.clear();
        points.addAll(half);
        passed = every + 1; // the last one fell between two that are kept
        every *= 2;
      }
    }

    private static Map<String, Double> bounded(Map<String, Double> values) {
      Map<String, Double> some = new TreeMap<>();
      values.entrySet().stream().filter(value -> Double.isFinite(value.getValue())).limit(VALUES)
          .forEach(value -> some.put(cut(value.getKey()), value.getValue()));
      return some;
    }

    private static String cut(String text) {
      return text.length() <= CHARS ? text : text.substring(0, CHARS) + "…";
    }

    JsonNode json(String name) {
      ObjectNode json = Json.object().put("run", name).put("startedAt", startedAt.toString()).put("updatedAt", updatedAt.toString())
          .put("stage", stage).put("step", step).put("steps", steps);
      ArrayNode curve = json.putArray("points");
      points.forEach(point -> curve.add(json(point)));
      if (latest != null && (points.isEmpty() || points.get(points.size() - 1) != latest)) {
        curve.add(json(latest));
      }
      ArrayNode happened = json.putArray("events");
      events.forEach(event -> happened.addObject().put("at", event.at().toString()).put("text", event.text()));
      return json;
    }

    private static JsonNode json(Point point) {
      ObjectNode json = Json.object().put("stage", point.stage()).put("step", point.step()).put("at", point.at().toString());
      json.set("values", Json.tree(point.values()));
      return json;
    }
  }

  synchronized void apply(TrainingProgress progress) {
    runs.computeIfAbsent(Run.cut(progress.getRun()), name -> new Run(progress.getAt())).apply(progress);
    if (runs.size() > RUNS) {
      runs.remove(runs.keySet().iterator().next());
    }
  }

  synchronized void clear() {
    runs.clear();
  }

  /** {@code Training} of the API's description: the run told of last comes first. */
  synchronized JsonNode json() {
    ObjectNode json = Json.object();
    ArrayNode list = json.putArray("runs");
    List<String> names = new ArrayList<>(runs.keySet());
    List<Run> latest = new ArrayList<>(runs.values());
    for (int i = names.size() - 1; i >= 0; i--) {
      list.add(latest.get(i).json(names.get(i)));
    }
    return json;
  }
}
