package io.accrete.retrieval;

import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.Preprocessor;
import io.accrete.retrieval.Draw.Sample;
import io.accrete.runtime.Folded;
import io.accrete.runtime.Model;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The embeddings of the drawn sets of one object. Every photo is encoded once, and its tokens live no longer than this. */
final class SetEmbeddings {
  private static final int BATCH = 16;

  /**
   * The unit-length embeddings of one image by itself.
   *
   * @param cls the encoder's: the CLS token
   * @param served the aggregator's, after this image alone
   */
  record Image(float[] cls, float[] served) {}

  /** One side of one draw: the object's own images and all that were folded, each by itself, and these folded in order. */
  record Side(List<Image> own, List<Image> folded, float[] aggregated) {
    float[][] all(Function<Image, float[]> embedding) {
      return folded.stream().map(embedding).toArray(float[][]::new);
    }
  }

  /** What is known of a photo while its object is at work. */
  private record Encoded(float[] tokens, Folded first, Image image) {}

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
  private final Map<Photo, Encoded> known = new IdentityHashMap<>();

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
      if (!known.containsKey(photo)) {
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
      float[] cls = Vectors.unit(Arrays.copyOf(found[i], model.shapes().dimension()));
      known.put(photos.get(i), new Encoded(found[i], first.get(i), new Image(cls, first.get(i).embedding())));
      encoded.run();
    }
    photos.clear();
    pixels.clear();
  }

  Side side(Sample sample) {
    List<Photo> photos = sample.folded();
    Folded folded = known.get(photos.get(0)).first();
    for (int i = 1; i < photos.size(); i++) {
      folded = model.fold(folded.state(), known.get(photos.get(i)).tokens(), i);
    }
    return new Side(images(sample.own()), images(photos), folded.embedding());
  }

  private List<Image> images(List<Photo> photos) {
    return photos.stream().map(photo -> known.get(photo).image()).toList();
  }
}
