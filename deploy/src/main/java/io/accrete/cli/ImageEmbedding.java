package io.accrete.cli;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.runtime.Model;
import io.accrete.streams.encode.ServedModel;
import java.util.ArrayList;
import java.util.List;

/** The embedding of one image alone: that of an object with no other image. */
final class ImageEmbedding {
  private ImageEmbedding() {}

  static List<Float> of(AccreteConfig config, Bundle bundle, byte[] image) {
    ImageLimits limits = new ImageLimits(config.getInt(ConfigKeys.IMAGE_MAX_BYTES), config.getLong(ConfigKeys.IMAGE_MAX_PIXELS));
    try (Model model = Bundles.load(bundle, config)) {
      ServedModel served = ServedModel.of(model, limits);
      float[] embedding = served.folder().fold(null, served.encoder().encode(image), 0).embedding();
      List<Float> vector = new ArrayList<>(embedding.length);
      for (float component : embedding) {
        vector.add(component);
      }
      return vector;
    } catch (ImageException e) {
      throw new IllegalArgumentException("The image cannot be used: " + e.getMessage(), e);
    }
  }
}
