package io.accrete.retrieval;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Arrays;
import java.util.List;

/**
 * Scores of one encoder and aggregator on one set of objects.
 *
 * @param n images a side, at most
 * @param objects how many objects were looked for and searched among
 * @param single one image a side
 * @param maximum n images a side, each by itself, with per-rank maximum voting
 * @param mean the mean of n one-image embeddings a side
 * @param aggregated n images a side folded in the order in which they were drawn
 * @param leftOut objects without photos on both sides
 */
public record RetrievalReport(
    int n, int objects, Score single, Score maximum, Score mean, Score aggregated, @JsonIgnore List<String> leftOut) {

  /**
   * Means over the draws, and standard deviations (of a sample; 0 for one draw).
   *
   * @param ar10 mean over k = 1 to 10 of recall at k
   * @param r1 recall at 1
   */
  public record Score(double ar10, double r1, double ar10Std, double r1Std) {
    static Score of(List<double[]> draws) {
      double[] ar10 = draws.stream().mapToDouble(draw -> draw[0]).toArray();
      double[] r1 = draws.stream().mapToDouble(draw -> draw[1]).toArray();
      return new Score(mean(ar10), mean(r1), deviation(ar10), deviation(r1));
    }

    private static double mean(double[] values) {
      return Arrays.stream(values).average().orElse(Double.NaN);
    }

    private static double deviation(double[] values) {
      double mean = mean(values);
      double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
      return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
    }
  }
}
