package io.accrete.bench;

import io.accrete.bundle.Preprocessing;
import io.accrete.model.Stem;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Weights;
import io.accrete.trainer.objective.DistillObjective.Batch;
import io.accrete.trainer.recipe.DistillStage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.InterpolateFuncOptions;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.kBicubic;

/**
 * The step of a distillation as one writes it straight away with libtorch: a tensor for each parameter, libtorch's own optimizer,
 * nothing between. It is the measure for the trainer's step, and must give the same losses. For a plain transformer on a convolutional
 * stem, all in one batch, with the default betas but for the second.
 */
final class PlainStep implements AutoCloseable {
  private static final double LONGEST_GRADIENT = 1;
  private static final int GROUP = 16;

  private final VitConfig config;
  private final Stem.Convolutional stem;
  private final Preprocessing preprocessing;
  private final int size;
  private final DistillStage stage;
  private final boolean bfloat16;
  private final Map<String, Tensor> parameters = new TreeMap<>();
  private final TensorVector all;
  private final AdamW optimizer;
  private final Tensor mean;
  private final Tensor std;

  /**
   * A step that begins with these weights.
   *
   * @param config of a plain transformer on a convolutional stem
   * @param size pixels per side of the views
   */
  PlainStep(VitConfig config, Weights encoder, Weights head, Preprocessing preprocessing, int size, DistillStage stage) {
    this.config = config;
    this.stem = (Stem.Convolutional) config.stem();
    this.preprocessing = preprocessing;
    this.size = size;
    this.stage = stage;
    bfloat16 = stage.loop().precision().isBfloat16();
    try (PointerScope scope = new PointerScope()) {
      encoder.tensors().forEach((name, value) -> parameters.put(name, leaf(value)));
      head.tensors().forEach((name, value) -> parameters.put("head." + name, leaf(value)));
      all = new TensorVector(parameters.values().toArray(Tensor[]::new)).retainReference();
      AdamWOptions options = new AdamWOptions(stage.loop().learningRate());
      options.betas().put(0, stage.loop().beta2()).put(1, 0.9); // a std::tuple lies in memory last to first
      options.weight_decay().put(stage.loop().weightDecay());
      optimizer = new AdamW(ofDimension(true), options).retainReference();
      optimizer.add_param_group(new OptimizerParamGroup(ofDimension(false)));
      new AdamWOptions(optimizer.param_groups().get(1).options()).weight_decay().put(0);
      mean = channels(preprocessing.mean()).retainReference();
      std = channels(preprocessing.std()).retainReference();
    }
  }

  private static Tensor leaf(io.accrete.tensor.Tensor value) {
    long[] shape = new long[value.shape().length];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = value.shape()[axis];
    }
    Tensor tensor = Tensor.create(value.values(), shape);
    return (shape.length == 4 ? tensor.contiguous(MemoryFormat.ChannelsLast) : tensor).requires_grad_(true).retainReference();
  }

  /** Matrices and kernels, or all others. */
  private TensorVector ofDimension(boolean matrices) {
    return new TensorVector(parameters.values().stream().filter(each -> each.dim() >= 2 == matrices).toArray(Tensor[]::new));
  }

  private static Tensor channels(List<Double> values) {
    return Tensor.create(new float[] {values.get(0).floatValue(), values.get(1).floatValue(), values.get(2).floatValue()}, 1, 3, 1, 1);
  }

  /** One step; returns the loss before it. */
  double step(Batch batch, double learningRate) {
    try (PointerScope scope = new PointerScope()) {
      optimizer.zero_grad();
      autocast(bfloat16);
      Tensor loss = loss(batch);
      autocast(false);
      torch.clear_cache();
      loss.backward();
      torch.clip_grad_norm_(all, LONGEST_GRADIENT);
      for (int group = 0; group < 2; group++) {
        optimizer.param_groups().get(group).options().set_lr(learningRate);
      }
      optimizer.step();
      return loss.item_double();
    }
  }

  /** The weights now, of the encoder by their names, of the head by those with {@code head.} before them. */
  Map<String, Tensor> parameters() {
    return parameters;
  }

  private void autocast(boolean on) {
    torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
    torch.set_autocast_enabled(DeviceType.CPU, on);
  }

  private Tensor loss(Batch batch) {
    Tensor cls = encode(pixels(batch)).select(1, 0);
    Tensor teacher = rows(batch.teacher());
    Tensor told = unit(linear("head", cls));
    Tensor cosine = torch.ones(1).sub(told.mul(teacher).sum(new long[] {-1}, false, new ScalarTypeOptional()).mean());
    Tensor student = unit(cls);
    autocast(false);
    Scalar sharper = new Scalar(1 / stage.temperature());
    Tensor self = torch.eye(teacher.size(0)).mul(new Scalar(-1e4));
    Tensor s = torch.mm(student, student.t()).mul(sharper).add(self).log_softmax(1);
    Tensor t = torch.mm(teacher, teacher.t()).mul(sharper).add(self).log_softmax(1);
    Tensor divergence = t.exp().mul(t.sub(s)).sum(new long[] {-1}, false, new ScalarTypeOptional()).mean();
    return cosine.add(divergence.mul(new Scalar(stage.similarity())));
  }

  private Tensor pixels(Batch batch) {
    try (BytePointer bytes = new BytePointer(batch.pixels())) {
      Tensor nhwc = torch.from_blob(bytes, new long[] {batch.teacher().length, size, size, 3}, new TensorOptions(ScalarType.Byte));
      return nhwc.permute(0, 3, 1, 2).to(ScalarType.Float).mul_(new Scalar(preprocessing.rescaleFactor())).sub_(mean).div_(std);
    }
  }

  private static Tensor rows(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, flat, row * rows[0].length, rows[0].length);
    }
    return Tensor.create(flat, rows.length, rows[0].length);
  }

  private Tensor encode(Tensor pixels) {
    Tensor x = pixels;
    for (int stage = 0; stage < stem.channels().size(); stage++) {
      x = norm("stem." + stage + ".down", x, 2).relu();
      for (int block = 0; block < stem.blocks(); block++) {
        String name = "stem." + stage + ".blocks." + block;
        x = x.add(norm(name + ".1", norm(name + ".0", x, 1).relu(), 1)).relu();
      }
    }
    Tensor patches = convolution("stem.projection", x, 1, 0).flatten(2, 3).transpose(1, 2);
    int d = config.dimension();
    Tensor positions = parameters.get("positions");
    Tensor front = parameters.get("cls").add(positions.narrow(1, 0, 1)).expand(pixels.size(0), 1, d);
    x = torch.cat(new TensorVector(front, patches.add(positions(positions, (int) x.size(2)))), 1);
    for (int block = 0; block < config.depth(); block++) {
      String name = "blocks." + block;
      x = x.add(attention(name + ".attn", layerNorm(name + ".norm1", x)));
      x = x.add(linear(name + ".mlp.fc2", torch.gelu(linear(name + ".mlp.fc1", layerNorm(name + ".norm2", x)))));
    }
    return layerNorm("norm", x);
  }

  private Tensor positions(Tensor table, int side) {
    int grid = config.grid();
    int d = config.dimension();
    Tensor map = table.narrow(1, 1, (long) grid * grid);
    if (side == grid) {
      return map;
    }
    InterpolateFuncOptions options = new InterpolateFuncOptions();
    options.size().put(new LongVector(side, side));
    options.mode().put(new kBicubic());
    options.align_corners().put(false);
    options.antialias().put(config.antialiasPositions());
    return torch.interpolate(map.transpose(1, 2).reshape(1, d, grid, grid), options).flatten(2, 3).transpose(1, 2);
  }

  private Tensor attention(String name, Tensor x) {
    long heads = config.heads();
    Tensor qkv = linear(name + ".qkv", x).view(x.size(0), x.size(1), 3, heads, config.dimension() / heads).permute(2, 0, 3, 1, 4);
    autocast(false);
    TensorVector parts = qkv.to(ScalarType.Float).unbind(0);
    Tensor mixed = torch.scaled_dot_product_attention(parts.get(0), parts.get(1), parts.get(2), new TensorOptional(), 0, false,
        new DoubleOptional(), false);
    autocast(bfloat16);
    return linear(name + ".proj", mixed.transpose(1, 2).flatten(2, 3));
  }

  private Tensor norm(String name, Tensor x, int stride) {
    Tensor y = convolution(name + ".conv", x, stride, 1);
    return torch.group_norm(y, y.size(1) / GROUP, optional(name + ".norm.weight"), optional(name + ".norm.bias"), 1e-5, false);
  }

  private Tensor convolution(String name, Tensor x, int stride, int padding) {
    return torch.conv2d(x, parameters.get(name + ".weight"), optional(name + ".bias"), new long[] {stride, stride},
        new long[] {padding, padding}, new long[] {1, 1}, 1);
  }

  private Tensor layerNorm(String name, Tensor x) {
    return torch.layer_norm(x, new long[] {config.dimension()}, optional(name + ".weight"), optional(name + ".bias"), config.epsilon(),
        false);
  }

  private Tensor linear(String name, Tensor x) {
    return torch.linear(x, parameters.get(name + ".weight"), optional(name + ".bias"));
  }

  private TensorOptional optional(String name) {
    return new TensorOptional(parameters.get(name));
  }

  private static Tensor unit(Tensor rows) {
    Tensor x = rows.to(ScalarType.Float);
    return x.div(x.norm(new ScalarOptional(new Scalar(2)), new long[] {-1}, true).clamp_min(new Scalar(1e-12)));
  }

  @Override
  public void close() {
    optimizer.releaseReference();
    all.releaseReference();
    mean.releaseReference();
    std.releaseReference();
    parameters.values().forEach(Tensor::releaseReference);
  }
}
