package io.accrete.streams.topology;

import io.accrete.image.ImageException;
import io.accrete.runtime.Folded;
import io.accrete.state.Latent;
import io.accrete.state.LedgerEntry;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.store.Floats;
import io.accrete.streams.store.ObjectStores;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Folds images into latents, under one model version. What the model throws comes as {@link ModelFailedException}. */
final class ObjectFolder {
  private final ServedModel model;
  private final ObjectStores stores;
  private final TopologyParts parts;
  private final TransactionTime time;
  private final int partition;

  ObjectFolder(ServedModel model, ObjectStores stores, TopologyParts parts, TransactionTime time, int partition) {
    this.model = model;
    this.stores = stores;
    this.parts = parts;
    this.time = time;
    this.partition = partition;
  }

  /** An image of the ledger and what there is of its tokens, now or soon. */
  record Again(LedgerEntry entry, Optional<float[]> features, Optional<AheadImage> ahead) {
    /** It is not folded after all. */
    void drop() {
      ahead.ifPresent(AheadImage::dropped);
    }
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
      throw new RejectedEventException(DeadLetterReason.of(e.reason()), e.getMessage());
    } catch (RuntimeException e) {
      throw new ModelFailedException(version(), e);
    } finally {
      parts.metrics().encode().record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    }
  }

  /** The latent of no images (null) or of count images, with one more. */
  Latent append(Latent latent, int count, float[] tokens) throws RejectedEventException {
    Folded folded = fold(latent == null ? null : Floats.fromBytes(latent.getState()), tokens, count);
    return new Latent(Floats.toBytes(folded.state()), Floats.toBytes(folded.embedding()));
  }

  /** As the other, with an image of the ledger. */
  Latent append(Latent latent, int count, String objectId, Again image) throws RejectedEventException {
    return append(latent, count, tokensAgain(objectId, image));
  }

  /** Has an image of the ledger encoded before it is folded, if it must be and events leave room; what is returned is folded or dropped. */
  Again begin(String objectId, LedgerEntry entry) {
    Again plain = again(objectId, entry);
    return plain.features.isPresent() ? plain
        : new Again(entry, Optional.empty(), parts.ahead().again(partition, model, content(objectId, entry)));
  }

  private Again again(String objectId, LedgerEntry entry) {
    return new Again(entry, stores.features(objectId, entry, model.encoderHash()), Optional.empty());
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
      latent = append(latent, i, objectId, again(objectId, ledger.get(i)));
    }
    return Optional.ofNullable(latent);
  }

  private float[] tokensAgain(String objectId, Again image) throws RejectedEventException {
    if (image.features.isPresent()) {
      return image.features.get();
    }
    try {
      float[] tokens = encode(() -> {
        Optional<float[]> ahead = image.ahead.isPresent() ? ahead(image.ahead.get()) : Optional.empty();
        return ahead.isPresent() ? ahead.get() : model.encoder().encode(content(objectId, image.entry).bytes());
      });
      stores.putFeatures(objectId, image.entry, model.encoderHash(), tokens);
      return tokens;
    } catch (RejectedEventException e) {
      throw refoldFailed("The object must be folded again, but its image " + image.entry.getImageId() + " cannot be read: "
          + e.getMessage());
    }
  }

  private Optional<float[]> ahead(AheadImage image) throws ImageException {
    image.taken();
    parts.pace().get().encoded(parts.ahead().imageNanos());
    return AheadImage.done(image.tokens(ByteBuffer.wrap(model.encoderHash())), parts.waitsUntil(), ImageException.class);
  }

  private Content content(String objectId, LedgerEntry entry) {
    return entry.getUri() == null ? new Content(entry.getSha256().bytes(), null, () -> stored(objectId, entry.getImageId()))
        : parts.contents().again(entry);
  }

  private byte[] stored(String objectId, String imageId) throws RejectedEventException {
    return stores.image(objectId, imageId).orElseThrow(() -> refoldFailed("Its bytes are not in the images store."));
  }

  private Folded fold(float[] state, float[] tokens, int count) throws RejectedEventException {
    long start = System.nanoTime();
    Folded folded = run(state, tokens, count);
    parts.metrics().fold().record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
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
    float[] tokens() throws ImageException, RejectedEventException;
  }
}
