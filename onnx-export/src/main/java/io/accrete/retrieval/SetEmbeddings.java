package io.accrete.retrieval;

import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.Preprocessor;
import io.accrete.runtime.Folded;
import io.accrete.runtime.Model;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The embeddings of the drawn sets of one object. Every photo is encoded once, and its tokens live no longer than this. */
final class SetEmbeddings {
  private static final int BATCH = 16;

  /** One side of one draw: each image by itself, and all folded in order. */
  record Side(List<float[]> single, float[] aggregated) {
    float[][] singles() {
      return single.toArray(float[][]::new);
    }
  }

  /** A photo that cannot be used. */
  static final class Unusable extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Photo photo;

    Unusable(Photo photo, Exception cause) {
      super(cause.getMessage(), cause);
      this.photo = photo;
    }

    Photo photo() {
      return photo;
    }
  }

  private final Model model;
  private final Preprocessor preprocessor;
  private final ImageLimits limits;
  private final Runnable encoded;
  private final Map<Photo, float[]> tokens = new IdentityHashMap<>();
  private final Map<Photo, Folded> singles = new IdentityHashMap<>();

  SetEmbeddings(Model model, ImageLimits limits, Runnable encoded) {
    this.model = model;
    this.preprocessor = new Preprocessor(model.bundle().preprocessing());
    this.limits = limits;
    this.encoded = encoded;
  }

  void encode(Set<Photo> photos) throws Unusable {
    List<Photo> batch = new ArrayList<>();
    List<byte[]> pixels = new ArrayList<>();
    for (Photo photo : photos) {
      if (!tokens.containsKey(photo)) {
        pixels.add(pixels(photo));
        batch.add(photo);
      }
      if (batch.size() == BATCH) {
        encode(batch, pixels);
      }
    }
    encode(batch, pixels);
  }

  private byte[] pixels(Photo photo) throws Unusable {
    try {
      return preprocessor.pixels(photo.source().read(), limits);
    } catch (IOException | ImageException e) {
      throw new Unusable(photo, e);
    }
  }

  private void encode(List<Photo> photos, List<byte[]> pixels) {
    float[][] found = model.encode(pixels);
    List<Folded> first = model.fold(Collections.nCopies(photos.size(), null), List.of(found), new long[photos.size()]);
    for (int i = 0; i < found.length; i++) {
      tokens.put(photos.get(i), found[i]);
      singles.put(photos.get(i), first.get(i));
      encoded.run();
    }
    photos.clear();
    pixels.clear();
  }

  Side side(List<Photo> photos) {
    Folded folded = singles.get(photos.get(0));
    for (int i = 1; i < photos.size(); i++) {
      folded = model.fold(folded.state(), tokens.get(photos.get(i)), i);
    }
    return new Side(photos.stream().map(photo -> singles.get(photo).embedding()).toList(), folded.embedding());
  }
}
