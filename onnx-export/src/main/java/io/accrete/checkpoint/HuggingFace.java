package io.accrete.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A Hugging Face checkpoint: a folder with {@code config.json}, {@code model.safetensors} and {@code preprocessor_config.json}, of model
 * type {@code vit} (ViT, DINO), {@code dinov2} or {@code dinov2_with_registers}.
 *
 * @param vit the model
 * @param weights its weights, under this project's names
 * @param preprocessing what a photo must become before it
 * @param modelType Hugging Face's name of the architecture
 */
public record HuggingFace(Vit vit, Weights weights, Preprocessing preprocessing, String modelType) {
  private static final String CONFIG = "config.json";
  private static final int MAX_NUMBER = 65_536;
  private static final String PREPROCESSING = "preprocessor_config.json";

  /**
   * Reads a checkpoint.
   *
   * @throws CheckpointException if a file or a tensor is missing, or the architecture is another
   */
  public static HuggingFace read(Path folder) {
    if (!Files.isRegularFile(folder.resolve(CONFIG)) || !Files.isRegularFile(folder.resolve(PREPROCESSING))) {
      throw new CheckpointException("No Hugging Face checkpoint in " + folder + ": expected " + CONFIG + ", model.safetensors and "
          + PREPROCESSING + ".");
    }
    HuggingFaceConfig config = new HuggingFaceConfig(CheckpointFiles.json(folder.resolve(CONFIG)), folder.resolve(CONFIG));
    VitConfig vit = config.vit();
    Weights weights = new HuggingFaceWeights(CheckpointFiles.open(folder), folder, vit, config.modelType()).read();
    return new HuggingFace(new Vit(vit), weights, Preprocessing.read(folder.resolve(PREPROCESSING)), config.modelType());
  }

  /**
   * Exports the encoder.
   *
   * @param imageSize side of the image in pixels, or 0 for what the checkpoint's preprocessing gives
   * @param halfPrecision whether weight matrices are stored as float16
   */
  public EncoderGraph encoder(int imageSize, boolean halfPrecision) {
    Preprocessing sized = imageSize == 0 ? preprocessing : preprocessing.withCropSize(imageSize);
    Map<String, String> lineage = new LinkedHashMap<>();
    lineage.put("encoder", "Hugging Face " + modelType);
    lineage.put("weights", halfPrecision ? "float16" : "float32");
    return EncoderGraph.of(vit, weights, sized, halfPrecision, lineage);
  }

  /** Reads the fields of {@code config.json} that shape the model. */
  private record HuggingFaceConfig(JsonNode json, Path file) {
    String modelType() {
      return json.path("model_type").asText();
    }

    VitConfig vit() {
      boolean dinov2 = switch (modelType()) {
        case "vit" -> false;
        case "dinov2", "dinov2_with_registers" -> true;
        default -> throw new CheckpointException(file + " describes a model of type '" + modelType()
            + "'; vit, dinov2 and dinov2_with_registers can be imported. Other encoders can be wrapped as ONNX files.");
      };
      boolean registers = modelType().equals("dinov2_with_registers");
      if (number("num_channels", 3, 1) != 3) {
        throw new CheckpointException(file + " describes a model for " + number("num_channels", 3, 1) + " colour channels; expected 3.");
      }
      boolean gated = json.path("use_swiglu_ffn").asBoolean(false);
      String activation = json.path("hidden_act").asText("gelu");
      if (!gated && !activation.equals("gelu")) {
        throw new CheckpointException(file + " asks for the activation '" + activation + "'; only gelu (exact) is supported.");
      }
      int patch = number("patch_size", dinov2 ? 14 : 16, 1);
      int dimension = number("hidden_size", 768, 1);
      // The forms of DINOv2 with an image that does not divide by the patch round down, as its convolution does.
      int grid = number("image_size", 224, patch) / patch;
      float epsilon = (float) json.path("layer_norm_eps").asDouble(dinov2 ? 1e-6 : 1e-12);
      try {
        return new VitConfig(new Stem.Patch(patch), dimension, number("num_hidden_layers", 12, 1), number("num_attention_heads", 12, 1),
            hidden(dinov2, gated, dimension), registers ? number("num_register_tokens", 4, 0) : 0, grid, registers,
            json.path("qkv_bias").asBoolean(true), dinov2, gated, false, true, epsilon);
      } catch (IllegalArgumentException e) {
        throw new CheckpointException(file + ": " + e.getMessage(), e);
      }
    }

    private int hidden(boolean dinov2, boolean gated, int dimension) {
      if (!dinov2) {
        return number("intermediate_size", 3072, 1);
      }
      int hidden = (int) (dimension * json.path("mlp_ratio").asDouble(4));
      // SwiGLU has three matrices instead of two; two thirds of the width, rounded up to eights, keep the number of weights.
      return gated ? ((int) (hidden * 2 / 3.0) + 7) / 8 * 8 : hidden;
    }

    private int number(String key, int otherwise, int least) {
      JsonNode value = json.path(key);
      if (value.isMissingNode() || value.isNull()) {
        return otherwise;
      }
      if (!value.isInt() || value.intValue() < least || value.intValue() > MAX_NUMBER) {
        throw new CheckpointException(file + ": '" + key + "' must be a whole number from " + least + " to " + MAX_NUMBER + "; found "
            + value + ".");
      }
      return value.intValue();
    }
  }
}
