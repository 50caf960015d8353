package io.accrete.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.accrete.bundle.Preprocessing.Resample;
import io.accrete.bundle.Preprocessing.Resize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Hugging Face's {@code preprocessor_config.json}, as its image processors for ViT, DINO and DINOv2 write it, old forms included. */
final class PreprocessorConfig {
  private final JsonNode json;
  private final Path file;

  private PreprocessorConfig(JsonNode json, Path file) {
    this.json = json;
    this.file = file;
  }

  static Preprocessing read(Path file) {
    return new PreprocessorConfig(Json.read(file), file).parse();
  }

  static void write(Preprocessing preprocessing, Path file) {
    boolean shortest = preprocessing.resize() == Resize.SHORTEST_EDGE;
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("image_processor_type", shortest ? "BitImageProcessor" : "ViTImageProcessor");
    json.put("do_convert_rgb", true);
    json.put("do_resize", true);
    ObjectNode size = json.putObject("size");
    if (shortest) {
      size.put("shortest_edge", preprocessing.resizeTo());
    } else {
      size.put("height", preprocessing.resizeTo()).put("width", preprocessing.resizeTo());
    }
    json.put("resample", preprocessing.resample().code());
    json.put("do_center_crop", true);
    json.putObject("crop_size").put("height", preprocessing.cropSize()).put("width", preprocessing.cropSize());
    json.put("do_rescale", true);
    json.put("rescale_factor", preprocessing.rescaleFactor());
    json.put("do_normalize", true);
    addAll(json.putArray("image_mean"), preprocessing.mean());
    addAll(json.putArray("image_std"), preprocessing.std());
    Json.write(json, file);
  }

  private Preprocessing parse() {
    if (!flag("do_resize", true)) {
      throw unsupported("do_resize = false", "images of any size cannot be batched; only do_resize = true is supported");
    }
    JsonNode size = json.path("size");
    boolean shortest = size.isInt() ? !bareSizeIsSquare() : size.has("shortest_edge");
    int resizeTo = size.isInt() ? size.asInt() : shortest ? edge(size, "shortest_edge") : square(size, "size");
    boolean crop = flag("do_center_crop", shortest);
    if (shortest && !crop) {
      throw unsupported("size.shortest_edge without do_center_crop", "the encoder needs square images; set do_center_crop and crop_size");
    }
    JsonNode cropSize = json.path("crop_size");
    int side = !crop || cropSize.isMissingNode() ? resizeTo : cropSize.isInt() ? cropSize.asInt() : square(cropSize, "crop_size");
    boolean normalize = flag("do_normalize", true);
    return new Preprocessing(
        shortest ? Resize.SHORTEST_EDGE : Resize.BOTH_EDGES,
        resizeTo,
        side,
        resample(),
        flag("do_rescale", true) ? json.path("rescale_factor").asDouble(1 / 255.0) : 1,
        normalize ? channels("image_mean") : List.of(0.0, 0.0, 0.0),
        normalize ? channels("image_std") : List.of(1.0, 1.0, 1.0));
  }

  /** A bare number means both edges to the processors of ViT and DeiT, and the shortest edge to the others, which crop. */
  private boolean bareSizeIsSquare() {
    String type = json.path("image_processor_type").asText(json.path("feature_extractor_type").asText());
    return type.isEmpty() ? !flag("do_center_crop", false) : type.startsWith("ViT") || type.startsWith("DeiT");
  }

  private boolean flag(String name, boolean otherwise) {
    return json.path(name).asBoolean(otherwise);
  }

  private int edge(JsonNode size, String name) {
    if (!size.path(name).isInt()) {
      throw unsupported("size = " + size, "expected {\"shortest_edge\": n} or {\"height\": n, \"width\": n}");
    }
    return size.path(name).asInt();
  }

  private int square(JsonNode size, String name) {
    if (!size.path("height").isInt() || !size.path("height").equals(size.path("width"))) {
      throw unsupported(name + " = " + size, "expected the same height and width, as whole numbers of pixels");
    }
    return size.path("height").asInt();
  }

  private Resample resample() {
    int code = json.path("resample").asInt(-1);
    for (Resample resample : Resample.values()) {
      if (resample.code() == code) {
        return resample;
      }
    }
    throw unsupported("resample = " + found("resample"), "expected 2 (bilinear) or 3 (bicubic)");
  }

  private List<Double> channels(String name) {
    List<Double> values = new ArrayList<>();
    json.path(name).forEach(value -> values.add(value.asDouble(Double.NaN)));
    if (values.size() != 3) {
      throw unsupported(name + " = " + found(name), "expected three numbers, red first");
    }
    return values;
  }

  private String found(String name) {
    return json.has(name) ? json.get(name).toString() : "nothing";
  }

  private BundleException unsupported(String found, String advice) {
    return new BundleException(file + ": " + found + " is not supported: " + advice + ".");
  }

  private static void addAll(ArrayNode array, List<Double> values) {
    values.forEach(value -> array.add(value));
  }
}
