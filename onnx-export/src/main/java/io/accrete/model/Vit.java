package io.accrete.model;

import io.accrete.tensor.Algebra;
import io.accrete.tensor.Init;
import java.util.List;

/**
 * The vision transformer (Dosovitskiy et al. 2021; registers: Darcet et al. 2024). Parameter names: {@code cls}, {@code registers},
 * {@code positions}, {@code patch} or {@code stem.*}, {@code norm_pre}, {@code norm},
 * {@code blocks.N.{norm1, attn.qkv, attn.proj, scale1, norm2, mlp.fc1, mlp.fc2, scale2}}; query, key and value are stacked in rows.
 */
public final class Vit {
  private final VitConfig config;

  public Vit(VitConfig config) {
    this.config = config;
  }

  public VitConfig config() {
    return config;
  }

  /** Normalised pixels [batch, 3, imageSize, imageSize] → tokens [batch, 1 + R + P, D]: CLS, registers, patches row by row. */
  public <T> T tokens(Algebra<T> a, T pixels, int imageSize) {
    Layers<T> layers = new Layers<>(a);
    int d = config.dimension();
    int side = config.patchesPerSide(imageSize);
    T patches = config.stem().apply(a, pixels, d);
    patches = a.transpose(a.reshape(patches, -1, d, side * side), 0, 2, 1);
    T positions = a.parameter("positions", Init.TRUNCATED_NORMAL, 1, 1 + config.grid() * config.grid(), d);
    patches = a.add(patches, Positions.forGrid(a, a.slice(positions, 1, 1, 1 + config.grid() * config.grid()), config, side));
    T cls = a.add(a.parameter("cls", Init.TRUNCATED_NORMAL, 1, 1, d), a.slice(positions, 1, 0, 1));
    T front = config.registers() == 0 ? cls
        : a.concat(1, List.of(cls, a.parameter("registers", Init.TRUNCATED_NORMAL, 1, config.registers(), d)));
    T x = a.concat(1, List.of(a.expandBatch(front, patches), patches));
    if (config.preNorm()) {
      x = layers.layerNorm("norm_pre", x, d, config.epsilon());
    }
    for (int block = 0; block < config.depth(); block++) {
      x = block(a, layers, "blocks." + block, x, config.tokens(imageSize));
    }
    return config.finalNorm() ? layers.layerNorm("norm", x, d, config.epsilon()) : x;
  }

  private <T> T block(Algebra<T> a, Layers<T> layers, String name, T x, int length) {
    int d = config.dimension();
    T attended = attention(a, layers, name + ".attn", layers.layerNorm(name + ".norm1", x, d, config.epsilon()), length);
    T y = a.add(x, scaled(a, name + ".scale1", attended));
    T fed = feedForward(a, layers, name + ".mlp", layers.layerNorm(name + ".norm2", y, d, config.epsilon()));
    return a.add(y, scaled(a, name + ".scale2", fed));
  }

  private <T> T attention(Algebra<T> a, Layers<T> layers, String name, T x, int length) {
    int d = config.dimension();
    T qkv = layers.linear(name + ".qkv", x, d, 3 * d, config.qkvBias(), Init.TRUNCATED_NORMAL);
    T q = layers.splitHeads(a.slice(qkv, 2, 0, d), length, config.heads(), d);
    T k = layers.splitHeads(a.slice(qkv, 2, d, 2 * d), length, config.heads(), d);
    T v = layers.splitHeads(a.slice(qkv, 2, 2 * d, 3 * d), length, config.heads(), d);
    T mixed = layers.mergeHeads(a.attention(q, k, v, Layers.scale(d, config.heads())), length, d);
    return layers.linear(name + ".proj", mixed, d, d);
  }

  private <T> T feedForward(Algebra<T> a, Layers<T> layers, String name, T x) {
    int d = config.dimension();
    int hidden = config.hidden();
    if (!config.gated()) {
      return layers.linear(name + ".fc2", a.gelu(layers.linear(name + ".fc1", x, d, hidden)), hidden, d);
    }
    T both = layers.linear(name + ".fc1", x, d, 2 * hidden);
    T gate = a.slice(both, 2, 0, hidden);
    T silu = a.mul(gate, a.sigmoid(gate));
    return layers.linear(name + ".fc2", a.mul(silu, a.slice(both, 2, hidden, 2 * hidden)), hidden, d);
  }

  private <T> T scaled(Algebra<T> a, String name, T x) {
    return config.layerScale() ? a.mul(x, a.parameter(name, Init.constant(1e-5f), config.dimension())) : x;
  }
}
