package io.accrete.retrieval;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** The photos of one object that one draw takes, in the order in which they are folded. */
record Draw(List<Photo> gallery, List<Photo> query) {

  /** An object's photos; with no query of their own, both sides draw from the gallery's, in disjoint halves. */
  record Candidates(String object, List<Photo> gallery, List<Photo> query) {
    boolean empty() {
      return query == null ? gallery.size() < 2 : gallery.isEmpty() || query.isEmpty();
    }

    Candidates without(Photo photo) {
      return new Candidates(object, remove(gallery, photo), query == null ? null : remove(query, photo));
    }

    private static List<Photo> remove(List<Photo> photos, Photo photo) {
      return photos.stream().filter(other -> other != photo).toList();
    }
  }

  /** Draw number {@code number}: independent of which other objects there are. */
  static Draw of(Candidates candidates, int images, long seed, int number) {
    Random random = new Random((seed * 1_000_003 + number) * 1_000_003 + candidates.object().hashCode());
    List<Photo> gallery = shuffled(candidates.gallery(), random);
    if (candidates.query() != null) {
      return new Draw(first(gallery, images), first(shuffled(candidates.query(), random), images));
    }
    int half = gallery.size() / 2;
    return new Draw(first(gallery.subList(0, half), images), first(gallery.subList(half, gallery.size()), images));
  }

  private static List<Photo> shuffled(List<Photo> photos, Random random) {
    List<Photo> shuffled = new ArrayList<>(photos);
    Collections.shuffle(shuffled, random);
    return shuffled;
  }

  private static List<Photo> first(List<Photo> photos, int most) {
    return photos.subList(0, Math.min(most, photos.size()));
  }
}
