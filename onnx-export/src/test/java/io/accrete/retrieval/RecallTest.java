package io.accrete.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RecallTest {
  @Test
  void shouldKeepTheGallerysOrderAmongEqualScores() {
    float[][] same = {{1, 0}, {1, 0}, {1, 0}};

    Recall recall = Recall.of(same, same);

    assertThat(recall.atK()).startsWith(1 / 3.0, 2 / 3.0, 1.0);
  }

  @Test
  void shouldGoOnBeyondASmallGallery() {
    float[][] gallery = {{1, 0}, {0, 1}};

    Recall recall = Recall.of(gallery, gallery);

    assertThat(recall.atK()).hasSize(10).containsOnly(1.0);
    assertThat(recall.ar10()).isEqualTo(1);
  }

  @Test
  void shouldLetTheHighestScoreOfARankVote() {
    float[][] gallery = {{1, 0}, {0, 1}};
    int[] labels = {0, 1};
    // Of label 0's two images the second is surer, and wrong.
    float[][] query = {{0.6f, 0.1f}, {0.2f, 0.9f}, {0, 1}};

    Recall recall = Recall.of(gallery, labels, query, new int[] {0, 0, 1});

    assertThat(recall.r1()).isEqualTo(0.5);
    assertThat(recall.atK()[1]).as("the first image votes at rank 2 with 0.1, the second with 0.2 for label 0").isEqualTo(1);
  }

  @Test
  void shouldAgreeWithASortOfAllScores() {
    Random random = new Random(1);
    float[][] gallery = random(random, 50, 8);
    float[][] query = random(random, 50, 8);
    int[] found = new int[Recall.DEPTH];
    for (int q = 0; q < query.length; q++) {
      int better = 0;
      for (float[] other : gallery) {
        better += Vectors.dot(query[q], other) > Vectors.dot(query[q], gallery[q]) ? 1 : 0;
      }
      for (int k = better; k < Recall.DEPTH; k++) {
        found[k]++;
      }
    }

    Recall recall = Recall.of(gallery, query);

    for (int k = 0; k < Recall.DEPTH; k++) {
      assertThat(recall.atK()[k]).isCloseTo(found[k] / 50.0, within(1e-12));
    }
  }

  @Test
  void shouldRefuseEmptySides() {
    assertThatThrownBy(() -> Recall.of(new float[0][], new float[][] {{1}})).isInstanceOf(IllegalArgumentException.class);
  }

  private static float[][] random(Random random, int rows, int columns) {
    float[][] matrix = new float[rows][columns];
    for (float[] row : matrix) {
      for (int i = 0; i < columns; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return matrix;
  }
}
