package io.accrete.model;

import io.accrete.tensor.Algebra;
import java.util.List;

/**
 * The unit-length vector [batch, 1, D] of one image: its CLS token, changed by what a cross-attention block finds among the image's own
 * tokens. Fresh weights change nothing. Parameter names: those of {@link MileAggregator}'s block after {@code adapter.}.
 *
 * @param enabled whether it changes anything, or gives CLS itself
 */
record Adapter(int dimension, int heads, int registers, int patches, boolean enabled) {
  <T> T image(Algebra<T> a, T tokens) {
    T cls = a.slice(tokens, 1, 0, 1);
    if (!enabled) {
      return a.l2Normalize(cls);
    }
    int front = 1 + registers;
    T keys = patches == 0 ? cls : a.concat(1, List.of(cls, a.slice(tokens, 1, front, front + patches)));
    CrossAttention block = new CrossAttention("adapter.", dimension, heads, false, true);
    return a.l2Normalize(a.add(cls, block.change(a, cls, 1, keys, 1 + patches)));
  }
}
