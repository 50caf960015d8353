package io.accrete.streams.similarity;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * The plane in which vectors differ most: that of their two principal components. A vector v lies at ((v - mean)·axes[0],
 * (v - mean)·axes[1]).
 *
 * @param axes two, orthogonal and of unit length
 */
record Plane(double[] mean, double[][] axes) {
  private static final int BLOCK = 8; // as many directions are followed, so that the first two converge fast
  private static final int MOST_STEPS = 60;
  private static final double SETTLED = 1e-9;

  /**
   * The plane of these vectors, of one length, at least one.
   *
   * @param last how it lay before: it is turned, and mirrored if need be, to lie as alike as it can
   */
  static Plane of(List<float[]> vectors, Optional<Plane> last) {
    int dimension = vectors.get(0).length;
    double[] mean = mean(vectors, dimension);
    DMatrixRMaj centred = new DMatrixRMaj(vectors.size(), dimension);
    for (int row = 0; row < vectors.size(); row++) {
      for (int i = 0; i < dimension; i++) {
        centred.set(row, i, vectors.get(row)[i] - mean[i]);
      }
    }
    Optional<Plane> before = last.filter(plane -> plane.mean.length == dimension);
    double[][] principal = principal(centred, dimension, before);
    return new Plane(mean, before.isPresent() ? turned(principal, before.get().axes) : signed(principal));
  }

  private static double[] mean(List<float[]> vectors, int dimension) {
    double[] mean = new double[dimension];
    for (float[] vector : vectors) {
      for (int i = 0; i < dimension; i++) {
        mean[i] += vector[i] / vectors.size();
      }
    }
    return mean;
  }

  /** By subspace iteration, since two directions of thousands of vectors do not need all others, and begin near the last ones. */
  private static double[][] principal(DMatrixRMaj centred, int dimension, Optional<Plane> before) {
    int block = Math.min(BLOCK, dimension);
    Random random = new Random(0);
    double[][] basis = new double[block][];
    for (int i = 0; i < block; i++) {
      basis[i] = before.isPresent() && i < 2 ? before.get().axes[i].clone() : random.doubles(dimension, -1, 1).toArray();
    }
    orthonormalize(basis, random);
    double[] values = new double[2];
    for (int step = 0; step < MOST_STEPS; step++) {
      DMatrixRMaj directions = new DMatrixRMaj(basis); // block × dimension
      DMatrixRMaj along = new DMatrixRMaj(centred.numRows, block);
      CommonOps_DDRM.multTransB(centred, directions, along);
      double[][] ritz = ritz(along, basis, values);
      boolean settled = Math.abs(ritz[2][0] - values[0]) + Math.abs(ritz[2][1] - values[1]) <= SETTLED * (1e-30 + ritz[2][0]);
      values = ritz[2];
      if (settled || step == MOST_STEPS - 1) {
        return new double[][] {ritz[0], ritz[1]};
      }
      DMatrixRMaj next = new DMatrixRMaj(block, dimension);
      CommonOps_DDRM.multTransA(along, centred, next);
      for (int i = 0; i < block; i++) {
        basis[i] = Arrays.copyOfRange(next.data, i * dimension, (i + 1) * dimension);
      }
      orthonormalize(basis, random);
    }
    throw new IllegalStateException("unreachable");
  }

  /** The two directions within the basis along which most of the spread is, and third their spreads. */
  private static double[][] ritz(DMatrixRMaj along, double[][] basis, double[] unknown) {
    int block = basis.length;
    int dimension = basis[0].length;
    DMatrixRMaj spread = new DMatrixRMaj(block, block);
    CommonOps_DDRM.multTransA(along, along, spread);
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(block, true, true);
    eigen.decompose(spread);
    Integer[] order = new Integer[block];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(eigen.getEigenvalue(b).getReal(), eigen.getEigenvalue(a).getReal()));
    double[][] found = {new double[dimension], new double[dimension], unknown.clone()};
    for (int axis = 0; axis < Math.min(2, block); axis++) {
      DMatrixRMaj weights = eigen.getEigenVector(order[axis]);
      for (int i = 0; i < block; i++) {
        for (int j = 0; j < dimension; j++) {
          found[axis][j] += weights.get(i) * basis[i][j];
        }
      }
      found[2][axis] = eigen.getEigenvalue(order[axis]).getReal();
    }
    return found;
  }

  /** Makes the rows orthogonal and of unit length; those without a direction of their own get any. */
  private static void orthonormalize(double[][] rows, Random random) {
    for (int i = 0; i < rows.length; i++) {
      for (int attempt = 0; ; attempt++) {
        double before = length(rows[i]);
        for (int twice = 0; twice < 2; twice++) { // once leaves rounding errors
          for (int j = 0; j < i; j++) {
            add(rows[i], -dot(rows[i], rows[j]), rows[j]);
          }
        }
        double length = length(rows[i]);
        if (length > 1e-8 * before && length > 1e-150) {
          scale(rows[i], 1 / length);
          break;
        }
        rows[i] = random.doubles(rows[i].length, -1, 1).toArray();
      }
    }
  }

  /** The axes within their plane that are as near to others as can be (orthogonal Procrustes). */
  private static double[][] turned(double[][] axes, double[][] towards) {
    DMatrixRMaj products = new DMatrixRMaj(2, 2);
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 2; j++) {
        products.set(i, j, dot(axes[i], towards[j]));
      }
    }
    SingularValueDecomposition_F64<DMatrixRMaj> svd = DecompositionFactory_DDRM.svd(2, 2, true, true, false);
    if (!svd.decompose(products)) {
      return signed(axes);
    }
    DMatrixRMaj turn = new DMatrixRMaj(2, 2);
    CommonOps_DDRM.mult(svd.getU(null, false), svd.getV(null, true), turn);
    double[][] turned = new double[2][axes[0].length];
    for (int i = 0; i < 2; i++) {
      add(turned[i], turn.get(0, i), axes[0]);
      add(turned[i], turn.get(1, i), axes[1]);
    }
    return turned;
  }

  /** Of two opposite directions always the same. */
  private static double[][] signed(double[][] axes) {
    for (double[] axis : axes) {
      double largest = 0;
      for (double value : axis) {
        largest = Math.abs(value) > Math.abs(largest) ? value : largest;
      }
      if (largest < 0) {
        scale(axis, -1);
      }
    }
    return axes;
  }

  /** Where a vector lies. */
  double[] place(float[] vector) {
    double[] place = new double[2];
    for (int i = 0; i < mean.length; i++) {
      place[0] += (vector[i] - mean[i]) * axes[0][i];
      place[1] += (vector[i] - mean[i]) * axes[1][i];
    }
    return place;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double length(double[] vector) {
    return Math.sqrt(dot(vector, vector));
  }

  private static void add(double[] to, double times, double[] vector) {
    for (int i = 0; i < to.length; i++) {
      to[i] += times * vector[i];
    }
  }

  private static void scale(double[] vector, double by) {
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= by;
    }
  }
}
