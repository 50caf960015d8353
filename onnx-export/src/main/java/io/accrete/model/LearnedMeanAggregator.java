package io.accrete.model;

import io.accrete.model.LearnedMeanConfig.Weighting;
import io.accrete.tensor.Algebra;
import io.accrete.tensor.Init;
import io.accrete.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The running mean of the images' unit-length CLS tokens with learned parts, each of which starts without effect, so that fresh weights
 * give what {@link MeanAggregator} gives:
 *
 * <ul>
 *   <li>adapter: {@code cls + X(cls, tokens)} takes the place of CLS;
 *   <li>weighting: an image counts {@code exp(s)}, where s is a linear function of its normalised CLS, for {@code AGREEMENT} plus a
 *       learned slope times {@code cos(image, mean) - 1}, and is bounded smoothly by ±4;
 *   <li>residual: the embedding is {@code unit(mean + g·r / √D)}, where r is the running mean, under the same weights, of
 *       {@code X([√D·mean, memory], [memory, tokens])}, the mean being the one that the image is part of already.
 * </ul>
 *
 * <p>X is the change that MILE's cross-attention block makes. State tokens: the mean, r, the memory, the sum of weights (in every
 * element). Parameter names: those of {@link MileAggregator}'s block after {@code adapter.} and {@code residual.}, {@code residual.gate},
 * {@code residual.memory}, {@code quality.norm}, {@code quality.score}, {@code quality.agreement}.
 */
public final class LearnedMeanAggregator implements Aggregator {
  private static final float EPSILON = 1e-5f;
  private static final float LARGEST_SCORE = 4; // so no image counts more than 3000 times what another does, nor nothing at all

  private final LearnedMeanConfig config;
  private final CrossAttention adapter;
  private final CrossAttention residual;

  public LearnedMeanAggregator(LearnedMeanConfig config) {
    this.config = config;
    adapter = new CrossAttention("adapter.", config.dimension(), config.heads(), false, true);
    residual = new CrossAttention("residual.", config.dimension(), config.heads(), false, true);
  }

  public LearnedMeanConfig config() {
    return config;
  }

  @Override
  public int stateTokens() {
    return config.stateTokens();
  }

  @Override
  public int dimension() {
    return config.dimension();
  }

  @Override
  public <T> T first(Algebra<T> a, T tokens) {
    T image = image(a, tokens);
    List<T> state = new ArrayList<>(List.of(image));
    if (config.residual()) {
      state.add(change(a, image, config.memory() == 0 ? null : a.expandBatch(slots(a), image), tokens));
    }
    if (config.weighted()) {
      state.add(everywhere(a, weight(a, score(a, tokens))));
    }
    return joined(a, state);
  }

  @Override
  public <T> T next(Algebra<T> a, T state, T tokens, T count) {
    T image = image(a, tokens);
    T before = a.slice(state, 1, 0, 1);
    T weight = a.constant(1f);
    T sum = a.add(count, weight);
    if (config.weighted()) {
      weight = weight(a, score(a, tokens, image, before));
      sum = a.add(a.slice(a.slice(state, 1, stateTokens() - 1, stateTokens()), 2, 0, 1), weight);
    }
    T share = a.div(weight, sum);
    T mean = toward(a, before, image, share);
    List<T> after = new ArrayList<>(List.of(mean));
    if (config.residual()) {
      int end = 2 + config.memory();
      T memory = config.memory() == 0 ? null : a.add(slots(a), a.slice(state, 1, 2, end));
      after.add(toward(a, a.slice(state, 1, 1, end), change(a, mean, memory, tokens), share));
    }
    if (config.weighted()) {
      after.add(everywhere(a, sum));
    }
    return joined(a, after);
  }

  @Override
  public <T> T embedding(Algebra<T> a, T state) {
    T mean = a.slice(state, 1, 0, 1);
    if (config.residual()) {
      T gate = a.mul(a.parameter("residual.gate", Init.ONES), a.constant((float) (1 / scale())));
      mean = a.add(mean, a.mul(gate, a.slice(state, 1, 1, 2)));
    }
    return a.l2Normalize(a.reshape(mean, -1, dimension()));
  }

  private <T> T image(Algebra<T> a, T tokens) {
    T cls = a.slice(tokens, 1, 0, 1);
    return a.l2Normalize(config.adapter() ? a.add(cls, adapter.change(a, cls, 1, keys(a, tokens), 1 + config.patches())) : cls);
  }

  /** What one image has to say on the residual and the memory [batch, 1 + memory, D]; {@code memory} is null where there is none. */
  private <T> T change(Algebra<T> a, T mean, T memory, T tokens) {
    T query = a.mul(mean, a.constant((float) scale())); // as long as a token
    T keys = keys(a, tokens);
    if (memory != null) {
      query = a.concat(1, List.of(query, memory));
      keys = a.concat(1, List.of(memory, keys));
    }
    return residual.change(a, query, 1 + config.memory(), keys, config.memory() + 1 + config.patches());
  }

  /** What the memory is before the first image; the state holds what the images add to it. */
  private <T> T slots(Algebra<T> a) {
    return a.parameter("residual.memory", Init.TRUNCATED_NORMAL, 1, config.memory(), dimension());
  }

  /** Score [batch, 1, 1] of an image by itself. */
  private <T> T score(Algebra<T> a, T tokens) {
    Layers<T> layers = new Layers<>(a);
    T cls = layers.layerNorm("quality.norm", a.slice(tokens, 1, 0, 1), dimension(), EPSILON);
    return layers.linear("quality.score", cls, dimension(), 1, true, Init.ZEROS);
  }

  /** Score of an image after others. */
  private <T> T score(Algebra<T> a, T tokens, T image, T mean) {
    T score = score(a, tokens);
    if (config.weighting() != Weighting.AGREEMENT) {
      return score;
    }
    T cosine = a.mul(a.mean(a.mul(image, a.l2Normalize(mean)), 2), a.constant((float) dimension()));
    return a.add(score, a.mul(a.parameter("quality.agreement", Init.ZEROS), a.sub(cosine, a.constant(1f))));
  }

  private <T> T weight(Algebra<T> a, T score) {
    T largest = a.constant(LARGEST_SCORE);
    return a.exp(a.mul(largest, a.tanh(a.div(score, largest))));
  }

  private <T> T everywhere(Algebra<T> a, T scalar) {
    float[] ones = new float[dimension()];
    Arrays.fill(ones, 1);
    return a.mul(scalar, a.constant(new Tensor(ones, 1, 1, dimension())));
  }

  private <T> T keys(Algebra<T> a, T tokens) {
    int front = 1 + config.registers();
    T cls = a.slice(tokens, 1, 0, 1);
    return config.patches() == 0 ? cls : a.concat(1, List.of(cls, a.slice(tokens, 1, front, front + config.patches())));
  }

  private static <T> T toward(Algebra<T> a, T from, T to, T share) {
    return a.add(from, a.mul(a.sub(to, from), share));
  }

  private static <T> T joined(Algebra<T> a, List<T> parts) {
    return parts.size() == 1 ? parts.get(0) : a.concat(1, parts);
  }

  private double scale() {
    return Math.sqrt(dimension());
  }
}
