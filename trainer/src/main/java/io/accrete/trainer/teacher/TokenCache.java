package io.accrete.trainer.teacher;

import io.accrete.image.Preprocessor;
import io.accrete.image.RgbImage;
import io.accrete.runtime.Model;
import io.accrete.trainer.data.PhotoSet.PhotoObject;
import io.accrete.trainer.data.Seeds;
import io.accrete.trainer.data.Views;
import java.util.ArrayList;
import java.util.List;

/** The tokens that a frozen encoder gives of the photos of objects: of each whole photo, and of random views of it. */
public final class TokenCache {
  private static final int BATCH = 32;

  private final Model model;
  private final Views views;
  private final int viewsPerPhoto;
  private final long seed;

  /**
   * A cache.
   *
   * @param viewsPerPhoto of each photo, at least 1: the first is the photo as it is served, the others are random
   */
  public TokenCache(Model model, Views views, int viewsPerPhoto, long seed) {
    this.model = model;
    this.views = views;
    this.viewsPerPhoto = viewsPerPhoto;
    this.seed = seed;
  }

  /** Tokens by object, photo and view, each of T · D floats. */
  public List<List<List<float[]>>> of(List<PhotoObject> objects, Runnable encoded) {
    List<List<List<float[]>>> tokens = new ArrayList<>();
    for (int object = 0; object < objects.size(); object++) {
      List<RgbImage> photos = objects.get(object).photos();
      List<byte[]> pixels = new ArrayList<>();
      for (int photo = 0; photo < photos.size(); photo++) {
        for (int view = 0; view < viewsPerPhoto; view++) {
          pixels.add(pixels(photos.get(photo), object, (long) photo * viewsPerPhoto + view, view == 0));
        }
      }
      List<float[]> encodedViews = encode(pixels);
      List<List<float[]>> ofObject = new ArrayList<>();
      for (int photo = 0; photo < photos.size(); photo++) {
        ofObject.add(List.copyOf(encodedViews.subList(photo * viewsPerPhoto, (photo + 1) * viewsPerPhoto)));
        encoded.run();
      }
      tokens.add(ofObject);
    }
    return tokens;
  }

  private byte[] pixels(RgbImage photo, int object, long index, boolean plain) {
    return plain ? new Preprocessor(model.bundle().preprocessing()).pixels(photo)
        : views.view(photo, model.shapes().imageSize(), Seeds.random(seed, object, index));
  }

  private List<float[]> encode(List<byte[]> pixels) {
    List<float[]> tokens = new ArrayList<>();
    for (int from = 0; from < pixels.size(); from += BATCH) {
      tokens.addAll(List.of(model.encode(pixels.subList(from, Math.min(pixels.size(), from + BATCH)))));
    }
    return tokens;
  }
}
