package io.accrete.retrieval;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Scores of one encoder and aggregator on one set of objects. {@code single}, {@code maximum} and {@code mean} are the encoder's alone,
 * by unit-length CLS tokens; the others are the aggregator's.
 *
 * @param n images a side, at most
 * @param foreign how many of them are of other objects, at most
 * @param objects how many objects were looked for and searched among
 * @param single one image a side
 * @param maximum n images a side, each by itself, with per-rank maximum voting
 * @param mean the mean of n image embeddings a side
 * @param servedSingle one image a side, as the aggregator serves it
 * @param states the mean of n one-image states' embeddings a side
 * @param aggregated n images a side folded in the order in which they were drawn
 * @param leftOut objects without photos on both sides
 */
public record RetrievalReport(
    int n, int foreign, int objects, Score single, Score maximum, Score mean, @JsonProperty(SERVED_SINGLE) Score servedSingle, Score states,
    Score aggregated, @JsonIgnore List<String> leftOut) {
  private static final String SERVED_SINGLE = "served.single";

  /**
   * Means over the draws, and standard deviations (of a sample; 0 for one draw).
   *
   * @param ar10 mean over k = 1 to 10 of recall at k
   * @param r1 recall at 1
   * @param ar10Draws {@code ar10} of each draw
   */
  public record Score(double ar10, double r1, double ar10Std, double r1Std, @JsonIgnore List<Double> ar10Draws) {
    static Score of(List<double[]> draws) {
      List<Double> ar10 = draws.stream().map(draw -> draw[0]).toList();
      List<Double> r1 = draws.stream().map(draw -> draw[1]).toList();
      return new Score(Statistics.mean(ar10), Statistics.mean(r1), Statistics.deviation(ar10), Statistics.deviation(r1), ar10);
    }

    /**
     * The difference in AR@10 from another score over the same draws.
     *
     * @throws IllegalArgumentException if there were fewer or more draws
     */
    public Difference minus(Score other) {
      return Difference.of(ar10Draws, other.ar10Draws);
    }
  }

  /** The scores by their names, in the order in which they are told. */
  public Map<String, Score> scores() {
    Map<String, Score> scores = new LinkedHashMap<>();
    scores.put("single", single);
    scores.put("maximum", maximum);
    scores.put("mean", mean);
    scores.put(SERVED_SINGLE, servedSingle);
    scores.put("states", states);
    scores.put("aggregated", aggregated);
    return scores;
  }

  /** All numbers by name, for a manifest: {@code objects}, {@code images} (a side), {@code aggregated.ar10}, {@code mean.r1.std}, ... */
  public SortedMap<String, Double> metrics() {
    SortedMap<String, Double> metrics = new TreeMap<>();
    metrics.put("objects", (double) objects);
    metrics.put("images", (double) n);
    scores().forEach((name, score) -> {
      metrics.put(name + ".ar10", score.ar10);
      metrics.put(name + ".ar10.std", score.ar10Std);
      metrics.put(name + ".r1", score.r1);
      metrics.put(name + ".r1.std", score.r1Std);
    });
    return metrics;
  }
}
