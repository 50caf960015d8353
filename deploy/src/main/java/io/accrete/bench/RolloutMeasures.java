package io.accrete.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a rollout costs, and what is proven of it.
 *
 * @param from the version that was served first
 * @param to the version that took over
 * @param live the rollout under live traffic
 * @param encoding all objects folded again with another encoder; their tokens are kept, too
 * @param cached the same with another aggregator alone, from the tokens that were kept
 */
public record RolloutMeasures(String from, String to, LiveMeasures live, RefoldMeasures encoding, RefoldMeasures cached) {
  /** How much faster objects are folded again from kept tokens than by encoding. */
  @JsonProperty
  public double speedup() {
    return encoding.imagesPerSecond() == 0 ? 0 : cached.imagesPerSecond() / encoding.imagesPerSecond();
  }

  /** What is not as it must be, for people; empty: everything is proven. */
  @JsonProperty
  public List<String> problems() {
    List<String> problems = new ArrayList<>(live.subscribed());
    Stream.of(live.flipped(), live.rolledBack(), live.draining(), encoding.proof(), cached.proof())
        .forEach(proof -> problems.addAll(proof.problems()));
    if (cached.encoded() > 0) {
      problems.add("%s: %,d images were encoded although their tokens are kept.".formatted(cached.version(), cached.encoded()));
    }
    return problems;
  }
}
