package io.accrete.model;

import io.accrete.tensor.Algebra;
import io.accrete.tensor.Tensor;
import java.util.List;

/**
 * What most of an object's images agree on. The state is K exemplars, each the sum of unit-length image vectors that are near to each
 * other: an image takes a free exemplar, and where there is none, the two nearest of the K + 1 become one. So a foreign photo
 * stays by itself, and what comes later can still overrule it, wherever in the sequence it stood.
 *
 * <p>The embedding is {@code unit(Σ wₖ sₖ)} with {@code wₖ = exp(-10 max(0, ā/2 - aₖ))}: an exemplar counts less where it agrees with the
 * others, {@code aₖ = (uₖ · T - 1) / (|T| + 1)}, less than half as well as is usual among them, {@code ā = Σ |sₖ| aₖ / Σ |sₖ|};
 * {@code uₖ = unit(sₖ)}, {@code T = Σ sₖ}. Relative, because the photos of one object may have much in common and those of another little.
 * Where no exemplar is that far off, this is the mean of the images' vectors.
 *
 * <p>Only the adapter is learned; fresh, it has no effect. Parameter names: those of {@link MileAggregator}'s block after
 * {@code adapter.}.
 */
public final class ConsensusAggregator implements Aggregator {
  // Not learned: trained with foreign photos, they give up more on sets without any than they gain on the others.
  private static final float SHARPNESS = 10;
  private static final float THRESHOLD = 0.5f;
  private static final float NEVER = -4; // less than any cosine

  private final ConsensusConfig config;
  private final Adapter adapter;

  public ConsensusAggregator(ConsensusConfig config) {
    this.config = config;
    adapter = new Adapter(config.dimension(), config.heads(), config.registers(), config.patches(), config.adapter());
  }

  public ConsensusConfig config() {
    return config;
  }

  @Override
  public int stateTokens() {
    return config.exemplars();
  }

  @Override
  public int dimension() {
    return config.dimension();
  }

  @Override
  public <T> T first(Algebra<T> a, T tokens) {
    T image = adapter.image(a, tokens);
    float[] place = new float[stateTokens()];
    place[0] = 1;
    return a.mul(image, a.constant(new Tensor(place, 1, stateTokens(), 1)));
  }

  @Override
  public <T> T next(Algebra<T> a, T state, T tokens, T count) {
    T image = adapter.image(a, tokens);
    int k = stateTokens();
    float[] places = new float[k];
    for (int i = 0; i < k; i++) {
      places[i] = i;
    }
    T placed = a.where(a.isZero(a.sub(a.constant(new Tensor(places, 1, k, 1)), count)), image, state);
    T full = a.isZero(a.relu(a.sub(a.constant((float) k), count)));
    return a.where(full, merged(a, a.concat(1, List.of(state, image))), placed);
  }

  /** K + 1 vectors [batch, K + 1, D] with the two nearest joined: the later one's place is taken by the last. */
  private <T> T merged(Algebra<T> a, T vectors) {
    int k = stateTokens();
    T unit = a.l2Normalize(vectors);
    T cosines = a.reshape(a.matMul(unit, a.transpose(unit, 0, 2, 1)), -1, 1, (k + 1) * (k + 1));
    T pair = a.oneHotOfLargest(a.add(cosines, a.constant(onlyPairs())), (k + 1) * (k + 1));
    return a.matMul(a.reshape(a.matMul(pair, a.constant(merges())), -1, k, k + 1), vectors);
  }

  /** Leaves [1, 1, (K+1)²] the pairs of an earlier and a later vector. */
  private Tensor onlyPairs() {
    int n = stateTokens() + 1;
    float[] values = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        values[i * n + j] = NEVER;
      }
    }
    return new Tensor(values, 1, 1, n * n);
  }

  /** For each pair [(K+1)², K·(K+1)] the matrix that joins it. */
  private Tensor merges() {
    int k = stateTokens();
    int n = k + 1;
    float[] values = new float[n * n * k * n];
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        int matrix = (i * n + j) * k * n;
        for (int row = 0; row < k; row++) {
          values[matrix + row * n + (row == j ? k : row)] = 1;
        }
        values[matrix + i * n + j] = 1;
      }
    }
    return new Tensor(values, n * n, k * n);
  }

  @Override
  public <T> T embedding(Algebra<T> a, T state) {
    T unit = a.l2Normalize(state);
    T lengths = sum(a, a.mul(unit, state), 2, dimension());
    T total = sum(a, state, 1, stateTokens());
    T length = sum(a, a.mul(a.l2Normalize(total), total), 2, dimension());
    T one = a.constant(1f);
    T agreement = a.div(a.sub(a.matMul(unit, a.transpose(total, 0, 2, 1)), one), a.add(length, one));
    T usual = a.div(a.mean(a.mul(lengths, agreement), 1), a.mean(lengths, 1));
    T lacking = a.relu(a.sub(a.mul(a.constant(THRESHOLD), usual), agreement));
    T weight = a.exp(a.mul(a.constant(-SHARPNESS), lacking));
    return a.l2Normalize(a.reshape(a.mean(a.mul(weight, state), 1), -1, dimension()));
  }

  private static <T> T sum(Algebra<T> a, T x, int axis, int length) {
    return a.mul(a.mean(x, axis), a.constant((float) length));
  }
}
