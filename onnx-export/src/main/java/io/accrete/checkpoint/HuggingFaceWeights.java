package io.accrete.checkpoint;

import io.accrete.model.VitConfig;
import io.accrete.tensor.Tensor;
import io.accrete.tensor.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Translates Hugging Face's tensor names into this project's. */
final class HuggingFaceWeights {
  /** Parts of a checkpoint that no token depends on. */
  private static final List<String> UNUSED = List.of("pooler.", "classifier.", "head.", "embeddings.mask_token", "decoder.");

  private final CheckpointFiles files;
  private final Path folder;
  private final VitConfig config;
  private final boolean dinov2;
  private final String prefix;
  private final Map<String, Tensor> weights = new HashMap<>();
  private final Set<String> used = new TreeSet<>();
  private final List<String> problems = new ArrayList<>();

  HuggingFaceWeights(CheckpointFiles files, Path folder, VitConfig config, String modelType) {
    this.files = files;
    this.folder = folder;
    this.config = config;
    this.dinov2 = !modelType.equals("vit");
    // Models with a head keep the backbone under a prefix.
    this.prefix = files.names().stream().filter(name -> name.endsWith("embeddings.cls_token")).findFirst()
        .map(name -> name.substring(0, name.length() - "embeddings.cls_token".length())).orElse("");
  }

  Weights read() {
    int d = config.dimension();
    copy("cls", "embeddings.cls_token", 1, 1, d);
    copy("positions", "embeddings.position_embeddings", 1, 1 + config.grid() * config.grid(), d);
    if (config.registers() > 0) {
      copy("registers", "embeddings.register_tokens", 1, config.registers(), d);
    }
    int patch = config.stem().stride();
    copy("patch.weight", "embeddings.patch_embeddings.projection.weight", d, 3, patch, patch);
    copy("patch.bias", "embeddings.patch_embeddings.projection.bias", d);
    for (int block = 0; block < config.depth(); block++) {
      block("blocks." + block, "encoder.layer." + block);
    }
    norm("norm", "layernorm");
    refuseProblems();
    return new Weights(weights);
  }

  private void block(String to, String from) {
    int d = config.dimension();
    int hidden = config.hidden();
    norm(to + ".norm1", from + (dinov2 ? ".norm1" : ".layernorm_before"));
    stack(to + ".attn.qkv.weight", from, "weight", d, d);
    if (config.qkvBias()) {
      stack(to + ".attn.qkv.bias", from, "bias", d);
    }
    linear(to + ".attn.proj", from + ".attention.output.dense", d, d);
    norm(to + ".norm2", from + (dinov2 ? ".norm2" : ".layernorm_after"));
    if (config.gated()) {
      linear(to + ".mlp.fc1", from + ".mlp.weights_in", d, 2 * hidden);
      linear(to + ".mlp.fc2", from + ".mlp.weights_out", hidden, d);
    } else {
      linear(to + ".mlp.fc1", from + (dinov2 ? ".mlp.fc1" : ".intermediate.dense"), d, hidden);
      linear(to + ".mlp.fc2", from + (dinov2 ? ".mlp.fc2" : ".output.dense"), hidden, d);
    }
    if (config.layerScale()) {
      copy(to + ".scale1", from + ".layer_scale1.lambda1", d);
      copy(to + ".scale2", from + ".layer_scale2.lambda1", d);
    }
  }

  private void norm(String to, String from) {
    copy(to + ".weight", from + ".weight", config.dimension());
    copy(to + ".bias", from + ".bias", config.dimension());
  }

  private void linear(String to, String from, int in, int out) {
    copy(to + ".weight", from + ".weight", out, in);
    copy(to + ".bias", from + ".bias", out);
  }

  private void copy(String to, String from, int... shape) {
    Tensor tensor = take(from, shape);
    if (tensor != null) {
      weights.put(to, tensor);
    }
  }

  private void stack(String to, String from, String kind, int... shape) {
    String attention = from + ".attention.attention.";
    Tensor q = take(attention + "query." + kind, shape);
    Tensor k = take(attention + "key." + kind, shape);
    Tensor v = take(attention + "value." + kind, shape);
    if (q != null && k != null && v != null) {
      weights.put(to, Tensor.stack(q, k, v));
    }
  }

  /** The tensor, or null after noting what is wrong with it. */
  private Tensor take(String name, int... shape) {
    String full = prefix + name;
    used.add(full);
    if (!files.has(full)) {
      problems.add("missing '" + full + "' " + Arrays.toString(shape));
      return null;
    }
    if (!Arrays.equals(files.shape(full), shape)) {
      problems.add("'" + full + "' must have shape " + Arrays.toString(shape) + ", found " + Arrays.toString(files.shape(full)));
      return null;
    }
    return files.read(full);
  }

  private void refuseProblems() {
    for (String name : files.names()) {
      String bare = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
      if (!used.contains(name) && UNUSED.stream().noneMatch(bare::startsWith)) {
        problems.add("unexpected '" + name + "' " + Arrays.toString(files.shape(name)));
      }
    }
    if (!problems.isEmpty()) {
      int shown = Math.min(problems.size(), 20);
      throw new CheckpointException("The weights in " + folder + " do not fit its config.json: "
          + String.join("; ", problems.subList(0, shown))
          + (problems.size() > shown ? "; and " + (problems.size() - shown) + " more" : "")
          + ". The files must come from the same checkpoint.");
    }
  }
}
