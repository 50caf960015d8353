package io.accrete.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.accrete.onnx.Float16;
import io.accrete.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A Hugging Face checkpoint of one block with D = 8, 2 heads, patches of 4 pixels and images of 8, to be written in its many forms. */
final class SmallCheckpoint {
  static final int D = 8;
  private static final ObjectMapper JSON = new ObjectMapper();

  final ObjectNode config = JSON.createObjectNode();
  final Map<String, Tensor> tensors = new TreeMap<>();

  private SmallCheckpoint(String modelType) {
    config.put("model_type", modelType).put("hidden_size", D).put("num_hidden_layers", 1).put("num_attention_heads", 2)
        .put("patch_size", 4).put("image_size", 8).put("num_channels", 3);
    random("embeddings.cls_token", 1, 1, D);
    random("embeddings.position_embeddings", 1, 5, D);
    random("embeddings.patch_embeddings.projection.weight", D, 3, 4, 4);
    random("embeddings.patch_embeddings.projection.bias", D);
    for (String part : List.of("attention.attention.query", "attention.attention.key", "attention.attention.value",
        "attention.output.dense")) {
      linear(part, D, D);
    }
    random("layernorm.weight", D);
    random("layernorm.bias", D);
  }

  static SmallCheckpoint vit() {
    SmallCheckpoint vit = new SmallCheckpoint("vit");
    vit.config.put("intermediate_size", 16);
    vit.linear("layernorm_before", D);
    vit.linear("layernorm_after", D);
    vit.linear("intermediate.dense", 16, D);
    vit.linear("output.dense", D, 16);
    return vit;
  }

  /** As DINOv2 giant: 4 · 8 · 2/3 rounded up to a multiple of 8 is 24. */
  static SmallCheckpoint gatedDinov2() {
    SmallCheckpoint dinov2 = new SmallCheckpoint("dinov2");
    dinov2.config.put("mlp_ratio", 4).put("use_swiglu_ffn", true);
    dinov2.linear("norm1", D);
    dinov2.linear("norm2", D);
    dinov2.linear("mlp.weights_in", 48, D);
    dinov2.linear("mlp.weights_out", D, 24);
    dinov2.random("encoder.layer.0.layer_scale1.lambda1", D);
    dinov2.random("encoder.layer.0.layer_scale2.lambda1", D);
    return dinov2;
  }

  void random(String name, int... shape) {
    Random random = new Random(name.hashCode());
    float[] values = new float[Tensor.size(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    tensors.put(name, new Tensor(values, shape));
  }

  private void linear(String part, int... shape) {
    random("encoder.layer.0." + part + ".weight", shape);
    random("encoder.layer.0." + part + ".bias", shape[0]);
  }

  /** All names under a prefix, as in the checkpoint of a model with a head. */
  void prefix(String prefix) {
    Map<String, Tensor> bare = new TreeMap<>(tensors);
    tensors.clear();
    bare.forEach((name, tensor) -> tensors.put(prefix + name, tensor));
  }

  /** In one file. */
  Path write(Path folder, String type) throws IOException {
    describe(folder);
    Files.write(folder.resolve("model.safetensors"), safetensors(List.copyOf(tensors.keySet()), type));
    return folder;
  }

  /** In two files with an index. */
  Path writeSharded(Path folder) throws IOException {
    describe(folder);
    List<String> names = new ArrayList<>(tensors.keySet());
    ObjectNode index = JSON.createObjectNode();
    for (int shard = 0; shard < 2; shard++) {
      String file = "model-0000%d-of-00002.safetensors".formatted(shard + 1);
      List<String> part = names.subList(shard * names.size() / 2, (shard + 1) * names.size() / 2);
      Files.write(folder.resolve(file), safetensors(part, "F32"));
      part.forEach(name -> index.withObject("/weight_map").put(name, file));
    }
    Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());
    return folder;
  }

  void describe(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), config.toString());
    Files.writeString(folder.resolve("preprocessor_config.json"), """
        {"image_processor_type": "ViTImageProcessor", "size": {"height": 8, "width": 8}, "resample": 2,
         "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}""");
  }

  private byte[] safetensors(List<String> names, String type) {
    int bytes = type.equals("F32") ? 4 : 2;
    ObjectNode header = JSON.createObjectNode();
    int at = 0;
    for (String name : names) {
      ObjectNode entry = header.putObject(name).put("dtype", type);
      for (int length : tensors.get(name).shape()) {
        entry.withArray("shape").add(length);
      }
      int end = at + bytes * tensors.get(name).values().length;
      entry.putArray("data_offsets").add(at).add(end);
      at = end;
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + json.length + at).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
    for (String name : names) {
      for (float value : tensors.get(name).values()) {
        switch (type) {
          case "F32" -> file.putFloat(value);
          case "F16" -> file.putShort(Float16.fromFloat(value));
          default -> file.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
        }
      }
    }
    return file.array();
  }
}
