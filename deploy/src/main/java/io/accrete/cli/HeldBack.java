package io.accrete.cli;

import io.accrete.image.PhotoFolder;
import io.accrete.retrieval.Photo;
import io.accrete.trainer.data.Split;
import java.util.List;
import java.util.SortedMap;

/** The objects of a folder on which no training run with the same share has learned. */
final class HeldBack {
  /** What a training run holds back unless told otherwise. */
  static final String TRAINING_SHARE = "0.33";

  private HeldBack() {}

  /** Their photos, by object id. */
  static SortedMap<String, List<Photo>> objects(PhotoFolder folder, double share) {
    SortedMap<String, List<Photo>> objects = Photo.objects(folder);
    int all = objects.size();
    objects.keySet().removeIf(id -> !Split.heldBack(id, share));
    if (objects.isEmpty()) {
      throw new IllegalArgumentException("None of the " + all + " objects in " + folder.directory() + " is held back at a share of "
          + share + ". Name a larger share, or leave --held-back out.");
    }
    return objects;
  }
}
