package io.accrete.streams.similarity;

import java.util.Comparator;

/**
 * An object of a sample.
 *
 * @param embedding under the version that was asked for, unit length
 */
record Sampled(String objectId, String lastImageId, float[] embedding) {
  private static final int SPREAD = 0x9E3779B9; // an odd number near the golden ratio's part of 2^32, as hashes are usually spread

  /**
   * By a hash of the id: the first few of all objects are a sample of them that every instance would draw, and that changes little when
   * objects come and go.
   */
  static final Comparator<Sampled> ORDER =
      Comparator.comparingInt((Sampled object) -> hash(object.objectId)).thenComparing(Sampled::objectId);

  private static int hash(String objectId) {
    int hash = objectId.hashCode() * SPREAD;
    hash = (hash ^ hash >>> 15) * SPREAD;
    return hash ^ hash >>> 13;
  }
}
