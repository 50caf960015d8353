package io.accrete.bench;

import io.accrete.bundle.Bundle;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.Preprocessor;
import io.accrete.runtime.Folded;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** What folding every object's photos from nothing gives, by the plain model and nothing else of the application. */
final class PlainFold implements AutoCloseable {
  private static final int BATCH = 32;

  private final Model model;
  private final Preprocessor preprocessor;
  private final UnaryOperator<float[]> asStored;

  /** @param asStored tokens as they come from where they are kept */
  PlainFold(Bundle bundle, UnaryOperator<float[]> asStored) {
    model = Model.load(bundle, new RuntimeOptions(RuntimeOptions.cpu().device(), 1)); // objects are folded in parallel
    preprocessor = new Preprocessor(bundle.preprocessing());
    this.asStored = asStored;
  }

  /** Object id to embedding; {@code folded} is told of the number of photos, on any thread. */
  Map<String, float[]> fold(Map<String, List<BenchPhoto>> objects, LongConsumer folded) {
    AtomicLong done = new AtomicLong();
    return objects.entrySet().parallelStream().collect(Collectors.toMap(Map.Entry::getKey, object -> {
      float[] embedding = fold(object.getValue());
      folded.accept(done.addAndGet(object.getValue().size()));
      return embedding;
    }));
  }

  private float[] fold(List<BenchPhoto> photos) {
    Folded folded = null;
    for (int from = 0; from < photos.size(); from += BATCH) {
      List<byte[]> pixels = photos.subList(from, Math.min(photos.size(), from + BATCH)).stream().map(this::pixels).toList();
      float[][] tokens = model.encode(pixels);
      for (int i = 0; i < tokens.length; i++) {
        folded = model.fold(folded == null ? null : folded.state(), asStored.apply(tokens[i]), from + i);
      }
    }
    return folded.embedding();
  }

  private byte[] pixels(BenchPhoto photo) {
    try {
      return preprocessor.pixels(photo.bytes(), ImageLimits.LOCAL);
    } catch (ImageException e) {
      throw new IllegalStateException(e); // it was decoded before
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
