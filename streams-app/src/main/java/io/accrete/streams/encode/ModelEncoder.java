package io.accrete.streams.encode;

import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.Preprocessor;
import io.accrete.runtime.Device;
import io.accrete.runtime.Model;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** The encoder of a loaded model. */
final class ModelEncoder implements ImageEncoder, BatchEncoder {
  private static final int CPU_BATCH = 8;
  private static final int CUDA_BATCH = 64;

  private final Model model;
  private final ImageLimits limits;
  private final Preprocessor preprocessor;

  ModelEncoder(Model model, ImageLimits limits) {
    this.model = model;
    this.limits = limits;
    preprocessor = new Preprocessor(model.bundle().preprocessing());
  }

  @Override
  public float[] encode(byte[] image) throws ImageException {
    return model.encode(List.of(pixels(image)))[0];
  }

  @Override
  public Optional<BatchEncoder> batches() {
    return Optional.of(this);
  }

  @Override
  public byte[] pixels(byte[] image) throws ImageException {
    return preprocessor.pixels(image, limits);
  }

  @Override
  public float[][] encode(ByteBuffer pixels) {
    return model.encode(pixels);
  }

  @Override
  public int pixelBytes() {
    return model.pixelBytes();
  }

  @Override
  public int tokenBytes() {
    return Float.BYTES * model.shapes().tokens() * model.shapes().dimension();
  }

  @Override
  public int batch() {
    return model.device() == Device.CUDA ? CUDA_BATCH : CPU_BATCH;
  }

  @Override
  public int batchesAtOnce() {
    return model.device() == Device.CUDA ? 1 : Integer.MAX_VALUE;
  }
}
