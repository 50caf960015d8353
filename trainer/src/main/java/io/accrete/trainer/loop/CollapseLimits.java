package io.accrete.trainer.loop;

/**
 * When embeddings count as collapsed. Each of the first three counts only if its measure is also below half of what the watch read first:
 * to an untrained network all photos look much alike, which is where training starts and no collapse.
 *
 * @param deviation a mean standard deviation below this is bad; 1 for random vectors
 * @param distance a mean cosine distance between different objects below this is bad; 1 for random vectors
 * @param rank an effective rank below this share of the largest possible is bad; one below 2 always is
 * @param certain a teacher's mean entropy below this share of its maximum is bad: it gives each photo to one class without a doubt
 * @param uniform a teacher's mean entropy above this share of its maximum is bad: it can tell nothing apart
 * @param information a teacher's information below this share of the largest entropy is bad: it answers every photo alike, however surely
 * @param warmup readings before this step are never bad
 * @param readings so many bad readings, one after another, are a collapse
 */
public record CollapseLimits(
    double deviation, double distance, double rank, double certain, double uniform, double information, long warmup, int readings) {

  /**
   * Unit vectors within 8 degrees of each other are at distance .01 and deviate by .1: objects then differ by less than photos of one do.
   * A uniform share of .998 leaves a teacher with a thousand classes and more logits that deviate by a sixth.
   * In three pairs of small runs at rising learning rates the share of information after 600 steps was .05, .01 and .0017 with centring
   * and sharpening, and .0011, .0003 and .00004 without: .001 finds a slow collapse late.
   */
  public static CollapseLimits standard() {
    return new CollapseLimits(0.1, 0.01, 0.02, 0.01, 0.998, 1e-3, 500, 5);
  }
}
