package io.accrete.streams.topology;

import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageLimits;
import io.accrete.image.RgbImage;
import io.accrete.runtime.Folded;
import io.accrete.streams.encode.ServedModel;
import java.util.concurrent.atomic.AtomicInteger;

/** A model small enough to compute by hand: tokens are mean colours, and each fold halves the past, so that order and repetition show. */
final class TinyModel {
  static final ImageLimits LIMITS = new ImageLimits(64 * 1024, 100_000);
  private static final int CHANNELS = 3;

  final AtomicInteger encoded = new AtomicInteger();

  ServedModel version(String version) {
    byte[] encoderHash = new byte[32];
    return new ServedModel(version, encoderHash, image -> {
      encoded.incrementAndGet();
      return meanColour(ImageDecoder.decode(image, LIMITS));
    }, (state, tokens, count) -> fold(version, state, tokens));
  }

  private static float[] meanColour(RgbImage image) {
    float[] tokens = new float[CHANNELS];
    for (int i = 0; i < image.rgb().length; i++) {
      tokens[i % CHANNELS] += (image.rgb()[i] & 0xff) / 255f / (image.width() * image.height());
    }
    return tokens;
  }

  private static Folded fold(String version, float[] state, float[] tokens) {
    float[] next = new float[CHANNELS];
    for (int i = 0; i < CHANNELS; i++) {
      next[i] = state == null ? tokens[i] + version.length() : 0.5f * state[i] + tokens[i];
    }
    float norm = (float) Math.sqrt(next[0] * next[0] + next[1] * next[1] + next[2] * next[2]);
    return new Folded(next, new float[] {next[0] / norm, next[1] / norm, next[2] / norm});
  }
}
