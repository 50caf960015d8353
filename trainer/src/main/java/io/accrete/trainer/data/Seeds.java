package io.accrete.trainer.data;

import java.util.SplittableRandom;

/**
 * Random numbers of their own for everything that is drawn. A generator that is shared would make what is drawn depend on what others drew
 * before, and on threads; then a run that is continued would not be the run that was interrupted.
 */
public final class Seeds {
  private Seeds() {}

  /**
   * The generator of one thing.
   *
   * @param seed of the run
   * @param step of the run
   * @param index of the thing within the step; different ones of the same step never give the same generator
   */
  public static SplittableRandom random(long seed, long step, long index) {
    return new SplittableRandom(mix(mix(mix(seed) + step) + index));
  }

  /** SplitMix64's next number: a bijection, in which each bit that goes in turns about half of those that come out. */
  private static long mix(long x) {
    long z = x + 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
