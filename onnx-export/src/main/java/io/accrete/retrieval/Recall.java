package io.accrete.retrieval;

import java.util.Arrays;

/**
 * Recall of a retrieval task, ranking by inner product.
 *
 * <p>Every query embedding ranks the gallery embeddings; equal scores keep the gallery's order. Where a label has several query
 * embeddings, at every rank the one with the highest score at that rank votes (per-rank maximum; the first among equals). A label is
 * found at k if one of its votes at ranks 1 to k is for itself.
 *
 * @param atK recall at k for k = 1 to {@value #DEPTH}, each 0 to 1
 */
public record Recall(double[] atK) {
  /** Largest k. */
  public static final int DEPTH = 10;

  /** Recall of one embedding per object: query i looks for gallery i. */
  public static Recall of(float[][] gallery, float[][] query) {
    int[] labels = new int[Math.max(gallery.length, query.length)];
    Arrays.setAll(labels, i -> i);
    return of(gallery, Arrays.copyOf(labels, gallery.length), query, Arrays.copyOf(labels, query.length));
  }

  /** Recall of many embeddings per object, over the labels of the queries; embeddings with the same label are of the same object. */
  public static Recall of(float[][] gallery, int[] galleryLabels, float[][] query, int[] queryLabels) {
    if (gallery.length != galleryLabels.length || query.length != queryLabels.length || gallery.length == 0 || query.length == 0) {
      throw new IllegalArgumentException("Expected embeddings on both sides with one label each, found %d with %d and %d with %d."
          .formatted(gallery.length, galleryLabels.length, query.length, queryLabels.length));
    }
    int depth = Math.min(DEPTH, gallery.length);
    int labels = Arrays.stream(queryLabels).max().getAsInt() + 1;
    double[][] best = new double[labels][depth];
    int[][] vote = new int[labels][depth];
    for (double[] scores : best) {
      Arrays.fill(scores, Double.NEGATIVE_INFINITY);
    }
    for (int[] votes : vote) {
      Arrays.fill(votes, -1);
    }
    for (int q = 0; q < query.length; q++) {
      int label = queryLabels[q];
      Ranking ranking = Ranking.of(query[q], gallery, depth);
      for (int rank = 0; rank < depth; rank++) {
        if (ranking.score[rank] > best[label][rank]) {
          best[label][rank] = ranking.score[rank];
          vote[label][rank] = galleryLabels[ranking.index[rank]];
        }
      }
    }
    return count(vote, Arrays.stream(queryLabels).distinct().toArray(), depth);
  }

  private static Recall count(int[][] vote, int[] labels, int depth) {
    int[] found = new int[DEPTH];
    for (int label : labels) {
      int rank = 0;
      while (rank < depth && vote[label][rank] != label) {
        rank++;
      }
      if (rank < depth) {
        for (int k = rank; k < DEPTH; k++) {
          found[k]++;
        }
      }
    }
    return new Recall(Arrays.stream(found).mapToDouble(count -> (double) count / labels.length).toArray());
  }

  /** AR@10: the mean of recall at 1 to 10. */
  public double ar10() {
    return Arrays.stream(atK).sum() / DEPTH;
  }

  /** Recall at 1. */
  public double r1() {
    return atK[0];
  }

  /** The best of the gallery for one query, highest score first. */
  private record Ranking(int[] index, double[] score) {
    static Ranking of(float[] query, float[][] gallery, int depth) {
      int[] index = new int[depth];
      double[] score = new double[depth];
      int size = 0;
      for (int g = 0; g < gallery.length; g++) {
        double product = Vectors.dot(query, gallery[g]);
        if (size == depth && !(product > score[depth - 1])) {
          continue;
        }
        int at = size < depth ? size++ : depth - 1;
        for (; at > 0 && product > score[at - 1]; at--) {
          index[at] = index[at - 1];
          score[at] = score[at - 1];
        }
        index[at] = g;
        score[at] = product;
      }
      return new Ranking(index, score);
    }
  }
}
