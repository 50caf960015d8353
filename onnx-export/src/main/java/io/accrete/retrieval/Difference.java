package io.accrete.retrieval;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How much better one score is than another over the same draws, draw by draw: what both owe to the photos drawn cancels out.
 *
 * @param mean mean of the differences; above 0 if the first is better
 * @param standardError its standard error over the draws, which are of the same objects: it does not say what other objects would give;
 *     0 for one draw
 */
public record Difference(double mean, double standardError) {
  static Difference of(List<Double> scores, List<Double> others) {
    if (scores.size() != others.size()) {
      throw new IllegalArgumentException("Expected scores of the same draws, found " + scores.size() + " and " + others.size() + " draws.");
    }
    List<Double> differences = IntStream.range(0, scores.size()).mapToObj(draw -> scores.get(draw) - others.get(draw)).toList();
    return new Difference(Statistics.mean(differences), Statistics.deviation(differences) / Math.sqrt(differences.size()));
  }
}
