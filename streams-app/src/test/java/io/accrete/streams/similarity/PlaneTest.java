package io.accrete.streams.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaneTest {
  private static final int DIMENSION = 40;

  @Test
  void shouldFindTheDirectionsOfMostSpread() {
    double[] first = direction(3, 4);
    double[] second = direction(7);
    List<float[]> vectors = vectors(500, first, 3, second, 1.5, 0.2, 1);
    Plane plane = Plane.of(vectors, Optional.empty());
    requireOrthonormal(plane);
    assertThat(Math.abs(dot(plane.axes()[0], first))).isGreaterThan(0.99);
    assertThat(Math.abs(dot(plane.axes()[1], second))).isGreaterThan(0.99);
    assertThat(largest(plane.axes()[0])).isPositive();
    assertThat(largest(plane.axes()[1])).isPositive();
    double[] middle = new double[2];
    for (float[] vector : vectors) {
      double[] place = plane.place(vector);
      middle[0] += place[0];
      middle[1] += place[1];
    }
    assertThat(middle[0] / vectors.size()).isCloseTo(0, within(1e-4));
    assertThat(middle[1] / vectors.size()).isCloseTo(0, within(1e-4));
    assertThat(Plane.of(vectors, Optional.empty()).axes()).isDeepEqualTo(plane.axes());
  }

  @Test
  void shouldHaveTheSpreadThatEigenvaluesSay() {
    Random random = new Random(5);
    List<float[]> vectors = new ArrayList<>(); // no direction stands out
    for (int i = 0; i < 300; i++) {
      float[] vector = new float[12];
      for (int j = 0; j < vector.length; j++) {
        vector[j] = (float) (random.nextGaussian() * (1 + 0.1 * j));
      }
      vectors.add(vector);
    }
    Plane plane = Plane.of(vectors, Optional.empty());
    requireOrthonormal(plane);
    double found = 0;
    for (float[] vector : vectors) {
      double[] place = plane.place(vector);
      found += place[0] * place[0] + place[1] * place[1];
    }
    org.ejml.data.DMatrixRMaj covariance = new org.ejml.data.DMatrixRMaj(12, 12);
    for (float[] vector : vectors) {
      for (int i = 0; i < 12; i++) {
        for (int j = 0; j < 12; j++) {
          covariance.add(i, j, (vector[i] - plane.mean()[i]) * (vector[j] - plane.mean()[j]));
        }
      }
    }
    var eigen = org.ejml.dense.row.factory.DecompositionFactory_DDRM.eig(12, false, true);
    eigen.decompose(covariance);
    double[] values = new double[12];
    for (int i = 0; i < 12; i++) {
      values[i] = eigen.getEigenvalue(i).getReal();
    }
    java.util.Arrays.sort(values);
    assertThat(found).isCloseTo(values[11] + values[10], within(1e-3 * found));
  }

  @Test
  void shouldLieAsTheLastOneDid() {
    double[] first = direction(3, 4);
    double[] second = direction(7);
    Plane last = Plane.of(vectors(500, first, 3, second, 2.5, 0.2, 1), Optional.empty());
    Plane next = Plane.of(vectors(500, first, 2.5, second, 3, 0.2, 2), Optional.of(last)); // the axes would change places
    requireOrthonormal(next);
    assertThat(dot(next.axes()[0], last.axes()[0])).isGreaterThan(0.98);
    assertThat(dot(next.axes()[1], last.axes()[1])).isGreaterThan(0.98);
    Plane mirrored = new Plane(last.mean(), new double[][] {negative(last.axes()[1]), last.axes()[0]});
    Plane turned = Plane.of(vectors(500, first, 3, second, 2.5, 0.2, 3), Optional.of(mirrored));
    assertThat(dot(turned.axes()[0], mirrored.axes()[0])).isGreaterThan(0.98);
    assertThat(dot(turned.axes()[1], mirrored.axes()[1])).isGreaterThan(0.98);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 40})
  void shouldBeAPlaneWhateverTheVectors(int dimension) {
    float[] one = new float[dimension];
    one[0] = 1;
    requireOrthonormal(Plane.of(List.of(one), Optional.empty()));
    requireOrthonormal(Plane.of(List.of(one, one, one), Optional.empty()));
    float[] other = new float[dimension];
    other[1] = 1;
    Plane line = Plane.of(List.of(one, other), Optional.empty());
    requireOrthonormal(line);
    assertThat(Math.abs(line.place(one)[0])).isCloseTo(Math.sqrt(0.5), within(1e-6));
    requireOrthonormal(Plane.of(List.of(one, other), Optional.of(Plane.of(List.of(new float[dimension + 1]), Optional.empty()))));
  }

  private static List<float[]> vectors(int count, double[] first, double spread, double[] second, double less, double noise, long seed) {
    Random random = new Random(seed);
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] vector = new float[DIMENSION];
      double a = random.nextGaussian() * spread;
      double b = random.nextGaussian() * less;
      for (int j = 0; j < DIMENSION; j++) {
        vector[j] = (float) (1 + a * first[j] + b * second[j] + noise * random.nextGaussian());
      }
      vectors.add(vector);
    }
    return vectors;
  }

  private static double[] direction(int... places) {
    double[] direction = new double[DIMENSION];
    for (int place : places) {
      direction[place] = 1 / Math.sqrt(places.length);
    }
    return direction;
  }

  private static double[] negative(double[] vector) {
    double[] negative = new double[vector.length];
    for (int i = 0; i < vector.length; i++) {
      negative[i] = -vector[i];
    }
    return negative;
  }

  private static double largest(double[] vector) {
    double largest = 0;
    for (double value : vector) {
      largest = Math.abs(value) > Math.abs(largest) ? value : largest;
    }
    return largest;
  }

  private static void requireOrthonormal(Plane plane) {
    assertThat(dot(plane.axes()[0], plane.axes()[0])).isCloseTo(1, within(1e-6));
    assertThat(dot(plane.axes()[1], plane.axes()[1])).isCloseTo(1, within(1e-6));
    assertThat(dot(plane.axes()[0], plane.axes()[1])).isCloseTo(0, within(1e-6));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
