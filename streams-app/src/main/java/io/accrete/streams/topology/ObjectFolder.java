package io.accrete.streams.topology;

import io.accrete.image.ImageException;
import io.accrete.runtime.Folded;
import io.accrete.state.Latent;
import io.accrete.state.LedgerEntry;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.store.Floats;
import io.accrete.streams.store.ObjectStores;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Folds images into latents, under one model version. What the model throws comes as {@link ModelFailedException}. */
final class ObjectFolder {
  private final ServedModel model;
  private final ObjectStores stores;
  private final ContentReader contents;
  private final TransactionTime time;
  private final TopologyMetrics metrics;

  ObjectFolder(ServedModel model, ObjectStores stores, ContentReader contents, TransactionTime time, TopologyMetrics metrics) {
    this.model = model;
    this.stores = stores;
    this.contents = contents;
    this.time = time;
    this.metrics = metrics;
  }

  String version() {
    return model.version();
  }

  /** SHA-256 of the encoder: equal ones give equal tokens. */
  byte[] encoderHash() {
    return model.encoderHash();
  }

  /** Tokens of an image, as every later fold of it will see them. */
  float[] encode(byte[] image) throws RejectedEventException {
    return encode(() -> model.encoder().encode(image));
  }

  /** The same of an image that has come, whose tokens may be there already. */
  float[] encode(Arrival arrival, byte[] image) throws RejectedEventException {
    return encode(() -> {
      Optional<float[]> ahead = arrival.tokens(encoderHash());
      return ahead.isPresent() ? ahead.get() : model.encoder().encode(image);
    });
  }

  private float[] encode(Encoding encoding) throws RejectedEventException {
    long start = System.nanoTime();
    try {
      return stores.asStored(encoding.tokens());
    } catch (ImageException e) {
      throw new RejectedEventException(switch (e.reason()) {
        case EMPTY -> DeadLetterReason.IMAGE_EMPTY;
        case TOO_MANY_BYTES -> DeadLetterReason.IMAGE_TOO_LARGE;
        case TOO_MANY_PIXELS -> DeadLetterReason.IMAGE_TOO_MANY_PIXELS;
        case UNSUPPORTED_FORMAT -> DeadLetterReason.IMAGE_UNSUPPORTED;
        case CORRUPT -> DeadLetterReason.IMAGE_CORRUPT;
      }, e.getMessage());
    } catch (RuntimeException e) {
      throw new ModelFailedException(version(), e);
    } finally {
      metrics.encode().record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    }
  }

  /** The latent of no images (null) or of count images, with one more. */
  Latent append(Latent latent, int count, float[] tokens) throws RejectedEventException {
    Folded folded = fold(latent == null ? null : Floats.fromBytes(latent.getState()), tokens, count);
    return new Latent(Floats.toBytes(folded.state()), Floats.toBytes(folded.embedding()));
  }

  /** As the other, with an image of the ledger. */
  Latent append(Latent latent, int count, String objectId, LedgerEntry entry) throws RejectedEventException {
    return append(latent, count, tokensAgain(objectId, entry));
  }

  /**
   * The latent of these entries, from nothing. One image at a time is in memory.
   *
   * @throws RejectedEventException if one of them cannot be read again, or all of them not within one transaction
   */
  Optional<Latent> fold(String objectId, List<LedgerEntry> ledger) throws RejectedEventException {
    Latent latent = null;
    for (int i = 0; i < ledger.size(); i++) {
      if (time.left().isNegative()) {
        throw refoldFailed("Folding " + ledger.size() + " images again takes longer than a transaction may; " + i
            + " were done. Raise transaction.timeout.ms or set features.store.enabled=true.");
      }
      latent = append(latent, i, objectId, ledger.get(i));
    }
    return Optional.ofNullable(latent);
  }

  private float[] tokensAgain(String objectId, LedgerEntry entry) throws RejectedEventException {
    String imageId = entry.getImageId();
    Optional<float[]> features = stores.features(objectId, entry, model.encoderHash());
    if (features.isPresent()) {
      return features.get();
    }
    try {
      float[] tokens = encode(entry.getUri() == null ? stored(objectId, imageId) : contents.again(entry));
      stores.putFeatures(objectId, entry, model.encoderHash(), tokens);
      return tokens;
    } catch (RejectedEventException e) {
      throw refoldFailed("The object must be folded again, but its image " + imageId + " cannot be read: " + e.getMessage());
    }
  }

  private byte[] stored(String objectId, String imageId) throws RejectedEventException {
    return stores.image(objectId, imageId).orElseThrow(() -> refoldFailed("Its bytes are not in the images store."));
  }

  private Folded fold(float[] state, float[] tokens, int count) throws RejectedEventException {
    long start = System.nanoTime();
    Folded folded = run(state, tokens, count);
    metrics.fold().record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    if (!finite(folded.state()) || !finite(folded.embedding())) {
      throw new RejectedEventException(DeadLetterReason.NOT_FINITE,
          "Model " + version() + " computes no finite embedding from this image.");
    }
    return folded;
  }

  private Folded run(float[] state, float[] tokens, int count) {
    try {
      return model.folder().fold(state, tokens, count);
    } catch (RuntimeException e) {
      throw new ModelFailedException(version(), e);
    }
  }

  private static boolean finite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  private static RejectedEventException refoldFailed(String message) {
    return new RejectedEventException(DeadLetterReason.REFOLD_FAILED, message);
  }

  private interface Encoding {
    float[] tokens() throws ImageException;
  }
}
