package io.accrete.retrieval;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The photos with which one object takes part in one draw. */
record Draw(Sample gallery, Sample query) {
  /**
   * One side.
   *
   * @param own photos of the object itself
   * @param folded all photos in the order in which they are folded: its own and, in the place of some, foreign ones
   */
  record Sample(List<Photo> own, List<Photo> folded) {}

  /** All photos of the draws, in order, so that every run makes the same batches and so gives the same bits. */
  static Set<Photo> photos(List<Draw> draws) {
    Set<Photo> photos = new LinkedHashSet<>();
    draws.forEach(draw -> {
      photos.addAll(draw.gallery().folded());
      photos.addAll(draw.query().folded());
    });
    return photos;
  }
}
