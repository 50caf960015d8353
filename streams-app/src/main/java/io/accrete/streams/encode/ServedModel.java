package io.accrete.streams.encode;

import io.accrete.image.ImageLimits;
import io.accrete.runtime.Model;
import java.util.HexFormat;

/**
 * One model version as the topology uses it. Encoder and folder belong to this version for good, so no state can mix versions.
 *
 * @param version the model version
 * @param encoderHash SHA-256 of the encoder, 32 bytes
 */
public record ServedModel(String version, byte[] encoderHash, ImageEncoder encoder, StateFolder folder) {
  /** A loaded model, which encodes one image at a time or many. */
  public static ServedModel of(Model model, ImageLimits limits) {
    return new ServedModel(model.version(), HexFormat.of().parseHex(model.encoderSha256()), new ModelEncoder(model, limits), model::fold);
  }
}
