package io.accrete.trainer.loop;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;

/** Watches for collapse: a network that answers every object alike has the lowest loss some objectives allow, and is worth nothing. */
public final class CollapseWatch {
  private static final double WORSE = 0.5; // of the first reading

  private final CollapseLimits limits;
  private Reading first;
  private long since;
  private int bad;

  /**
   * One look at the embeddings.
   *
   * @param deviation mean standard deviation of a dimension, times the root of their number: 1 for random unit vectors, 0 if all are equal
   * @param rank effective rank (Roy and Vetterli, 2007): the exponential of the entropy of the singular values
   * @param possibleRank the largest rank there can be
   * @param cosine mean cosine similarity of different objects
   * @param entropy the teacher's mean entropy, nats; null without a teacher
   * @param possibleEntropy the largest there can be; null without a teacher
   * @param information how much of the entropy of the teacher's mean answer goes away by knowing the photo, nats; null without a teacher
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Reading(
      double deviation, double rank, int possibleRank, double cosine, Double entropy, Double possibleEntropy,
      Double information) {

    /**
     * Measures embeddings.
     *
     * @param embeddings unit vectors [n][d] of different objects, n at least 2
     */
    public static Reading of(float[][] embeddings) {
      int n = embeddings.length;
      int d = n == 0 ? 0 : embeddings[0].length;
      if (n < 2 || d == 0) {
        throw new IllegalArgumentException("Expected embeddings of at least 2 objects, found " + n + " of " + d + " dimensions.");
      }
      DMatrixRMaj matrix = new DMatrixRMaj(n, d);
      double[] sum = new double[d];
      double[] squares = new double[d];
      for (int row = 0; row < n; row++) {
        for (int i = 0; i < d; i++) {
          double value = embeddings[row][i];
          matrix.set(row, i, value);
          sum[i] += value;
          squares[i] += value * value;
        }
      }
      double deviation = 0;
      double ofSum = 0;
      for (int i = 0; i < d; i++) {
        deviation += Math.sqrt(Math.max(0, squares[i] / n - sum[i] / n * (sum[i] / n))) / Math.sqrt(d);
        ofSum += sum[i] * sum[i];
      }
      double cosine = (ofSum - Arrays.stream(squares).sum()) / ((double) n * (n - 1));
      return new Reading(deviation, Double.isFinite(ofSum) ? rank(matrix) : Double.NaN, Math.min(n, d), cosine, null, null, null);
    }

    /** The same, with a teacher's mean entropy, the largest possible, and the information of its answers, nats. */
    public Reading withTeacher(double entropy, double possibleEntropy, double information) {
      return new Reading(deviation, rank, possibleRank, cosine, entropy, possibleEntropy, information);
    }

    private static double rank(DMatrixRMaj matrix) {
      double[] singular = SingularOps_DDRM.singularValues(matrix);
      double sum = Arrays.stream(singular).sum();
      return Math.exp(-Arrays.stream(singular).map(value -> value / sum).filter(p -> p > 0).map(p -> p * Math.log(p)).sum());
    }
  }

  /**
   * A watch.
   *
   * @param first the first reading of the run, if it was begun by an earlier process
   */
  public CollapseWatch(CollapseLimits limits, Optional<Reading> first) {
    this.limits = limits;
    this.first = first.orElse(null);
  }

  /**
   * Judges a reading.
   *
   * @return why the run should end, if it should
   */
  public Optional<String> judge(long step, Reading reading) {
    if (!Double.isFinite(reading.rank) || reading.entropy != null && !Double.isFinite(reading.entropy)) {
      return Optional.of("diverged: at step " + step + " the embeddings are no numbers any more. Lower the learning rate, or lengthen its "
          + "warm-up, and start again or from an earlier checkpoint.");
    }
    if (first == null) {
      first = reading;
    }
    if (bad == 0) {
      since = step;
    }
    String found = step < limits.warmup() ? null : found(reading);
    bad = found == null ? 0 : bad + 1;
    return bad < limits.readings() ? Optional.empty() : Optional.of("collapsed: since step " + since + " " + found);
  }

  private String found(Reading now) {
    if (worse(now.deviation, first.deviation, limits.deviation()) || worse(1 - now.cosine, 1 - first.cosine, limits.distance())
        || worse(now.rank - 1, first.rank - 1, Math.max(2, limits.rank() * now.possibleRank) - 1)) {
      return text("the embeddings of different objects are equal (mean cosine %.4f, deviation %.4f, effective rank %.1f of %d). "
          + "Lower the learning rate, or make the objective tell objects apart: larger batches, a centred teacher, a sharper one.",
          now.cosine, now.deviation, now.rank, now.possibleRank);
    }
    if (now.entropy == null) {
      return null;
    }
    double share = now.entropy / now.possibleEntropy;
    if (share > limits.uniform()) {
      return text("the teacher tells nothing apart (entropy %.3f of at most %.3f). Lower its temperature, and the learning rate.",
          now.entropy, now.possibleEntropy);
    }
    if (share < limits.certain()) {
      return text("the teacher has no doubt about any photo (entropy %.3f of at most %.3f). Raise its temperature, and see that it "
          + "is centred.", now.entropy, now.possibleEntropy);
    }
    return now.information / now.possibleEntropy >= limits.information() ? null
        : text("the teacher answers every photo alike (information %.6f, entropy %.3f of at most %.3f). See that it is centred and sharp.",
            now.information, now.entropy, now.possibleEntropy);
  }

  private static boolean worse(double now, double first, double limit) {
    return now < limit && now < WORSE * first;
  }

  private static String text(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
