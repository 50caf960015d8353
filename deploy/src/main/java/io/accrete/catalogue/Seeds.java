package io.accrete.catalogue;

/** Seeds for independent random streams. */
final class Seeds {
  private Seeds() {}

  /** A seed for one view of one product (SplitMix64's finaliser over the three numbers). */
  static long mix(long seed, int product, int view) {
    long z = seed * 0x9e3779b97f4a7c15L + product * 0xd1b54a32d192ed03L + view * 0x8cb92ba72f3d8dd7L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
