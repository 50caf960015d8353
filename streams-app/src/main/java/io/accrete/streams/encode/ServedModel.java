package io.accrete.streams.encode;

import io.accrete.image.ImageLimits;
import io.accrete.image.Preprocessor;
import io.accrete.runtime.Model;
import java.util.HexFormat;
import java.util.List;

/**
 * One model version as the topology uses it. Encoder and folder belong to this version for good, so no state can mix versions.
 *
 * @param version the model version
 * @param encoderHash SHA-256 of the encoder, 32 bytes
 */
public record ServedModel(String version, byte[] encoderHash, ImageEncoder encoder, StateFolder folder) {
  /** A loaded model that encodes one image at a time, when it is asked. */
  public static ServedModel of(Model model, ImageLimits limits) {
    Preprocessor preprocessor = new Preprocessor(model.bundle().preprocessing());
    return new ServedModel(model.version(), HexFormat.of().parseHex(model.encoderSha256()),
        image -> model.encode(List.of(preprocessor.pixels(image, limits)))[0], model::fold);
  }
}
