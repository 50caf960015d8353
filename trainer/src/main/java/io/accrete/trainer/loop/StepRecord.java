package io.accrete.trainer.loop;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one step of a run gave.
 *
 * @param step counted from 0
 * @param objective name of the objective
 * @param parts what the loss consists of, and other measures, by name
 * @param imagesPerSecond images trained on in a second
 * @param idle share of the time that the step waited for data, 0 to 1
 * @param seconds time spent training since the run began, earlier processes included
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record StepRecord(
    long step, String objective, double loss, Map<String, Double> parts, double learningRate, double imagesPerSecond, double idle,
    double seconds) {
  public StepRecord {
    parts = parts == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(parts));
  }
}
