package io.accrete.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.bundle.Preprocessing;
import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.Preprocessor;
import io.accrete.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Decoding, resizing and cropping against Pillow's; errors are means over an image's samples, as a share of 255. */
final class PreprocessVectors {
  private static final double RESIZE_MEAN = 1 / 255.0;
  private static final double RESIZE_MAX = 3 / 255.0;
  private static final double LOSSY_MEAN = 2 / 255.0;
  /** Without a colour profile CMYK has no exact meaning. */
  private static final double CMYK_MEAN = 16 / 255.0;

  private PreprocessVectors() {}

  static ErrorTally run(JsonNode cases, Path directory) throws IOException, ImageException {
    ErrorTally tally = new ErrorTally();
    for (JsonNode resize : cases.get("resize_and_crop")) {
      String name = resize.get("input").asText();
      int crop = resize.get("crop").asInt();
      Preprocessing preprocessing = Preprocessing.imageNet(resize.get("shortest_edge").asInt(), crop);
      RgbImage found = new RgbImage(crop, crop, new Preprocessor(preprocessing).pixels(read(directory, name)));
      Difference difference = Difference.between(found, read(directory, resize.get("output").asText()));
      tally.add(name + " resized, mean", difference.mean, RESIZE_MEAN);
      tally.check(name + " resized, largest", difference.max, RESIZE_MAX);
    }
    for (JsonNode pair : cases.get("decode")) {
      String name = pair.get(0).asText();
      Difference difference = Difference.between(read(directory, name), read(directory, pair.get(1).asText()));
      tally.add(name + " decoded, mean", difference.mean, tolerance(name));
    }
    return tally;
  }

  private static double tolerance(String name) {
    if (name.startsWith("cmyk")) {
      return CMYK_MEAN;
    }
    return name.endsWith(".png") || name.endsWith(".gif") ? 0 : LOSSY_MEAN;
  }

  private static RgbImage read(Path directory, String name) throws IOException, ImageException {
    return ImageDecoder.decode(Files.readAllBytes(directory.resolve(name)), ImageLimits.LOCAL);
  }

  private record Difference(double mean, double max) {
    static Difference between(RgbImage found, RgbImage expected) {
      if (found.width() != expected.width() || found.height() != expected.height()) {
        return new Difference(Double.NaN, Double.NaN);
      }
      long sum = 0;
      int max = 0;
      for (int i = 0; i < found.rgb().length; i++) {
        int error = Math.abs((found.rgb()[i] & 0xff) - (expected.rgb()[i] & 0xff));
        sum += error;
        max = Math.max(max, error);
      }
      return new Difference(sum / 255.0 / found.rgb().length, max / 255.0);
    }
  }
}
