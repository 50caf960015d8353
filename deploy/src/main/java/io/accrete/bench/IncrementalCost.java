package io.accrete.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What the n-th photo of an object costs.
 *
 * @param samples objects that got each photo
 * @param steps in the order of the photos: the first, the second, the fourth and so on
 */
public record IncrementalCost(int samples, List<Step> steps) {
  /**
   * One photo.
   *
   * @param photo the how manieth of its object
   * @param millis it took, the median
   * @param secondMillis the same of the second photos of other objects, right beside
   * @param wholeSetMillis the same of folding all photos of the object again, this one among them
   */
  public record Step(int photo, double millis, double secondMillis, double wholeSetMillis) {
    /** What this photo costs beside a second one. */
    @JsonProperty
    public double ratioToSecond() {
      return millis / secondMillis;
    }

    /** What folding all photos again costs beside this one alone. */
    @JsonProperty
    public double wholeSetRatio() {
      return wholeSetMillis / millis;
    }
  }

  /** What the last photo costs beside a second one. */
  @JsonProperty
  public double ratioLastToSecond() {
    return steps.get(steps.size() - 1).ratioToSecond();
  }
}
