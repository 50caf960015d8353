package io.accrete.streams.similarity;

import io.accrete.image.ImageException;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ModelSource;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.http.ImageBodies;
import io.accrete.streams.http.ProblemException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Embeds photos as objects of that one photo. Few at a time: events need the encoder, too. */
final class PhotoEmbedder {
  private static final int AT_ONCE = 2;
  private static final int PATIENCE_SECONDS = 10;

  private final Supplier<ModelSource> models;
  private final Semaphore places = new Semaphore(AT_ONCE);

  /** @param models gives what keeps models open until it is closed */
  PhotoEmbedder(Supplier<ModelSource> models) {
    this.models = models;
  }

  /** The embedding of a photo under a version that is live; what cannot be embedded is a problem of the request. */
  float[] embed(byte[] photo, String version) throws InterruptedException {
    if (!places.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw ProblemException.unavailable("Other photos are being embedded, and this one has waited for " + PATIENCE_SECONDS
          + " s: try again, or ask another instance.");
    }
    try (ModelSource source = models.get()) {
      LiveModels live = source.now();
      ServedModel model = live.folding().stream().filter(each -> each.version().equals(version)).findFirst().orElseThrow(() ->
          ProblemException.unavailable("Model " + version + " has just been replaced: try again."));
      return model.folder().fold(null, model.encoder().encode(photo), 0).embedding();
    } catch (ImageException e) {
      throw ImageBodies.refusal(e);
    } finally {
      places.release();
    }
  }
}
