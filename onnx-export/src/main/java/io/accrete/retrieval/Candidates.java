package io.accrete.retrieval;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** An object's photos; with no query of their own, both sides draw from the gallery's, in disjoint halves. */
record Candidates(String object, List<Photo> gallery, List<Photo> query) {
  /** All of an object's photos, in the order in which a draw takes them. */
  record Sides(List<Photo> gallery, List<Photo> query) {}

  boolean empty() {
    return query == null ? gallery.size() < 2 : gallery.isEmpty() || query.isEmpty();
  }

  Candidates without(Set<Photo> photos) {
    return new Candidates(object, remove(gallery, photos), query == null ? null : remove(query, photos));
  }

  /** Draw number {@code number}: independent of which other objects there are. */
  Sides sides(long seed, int number) {
    Random random = random(seed, number);
    List<Photo> shuffled = shuffled(gallery, random);
    if (query != null) {
      return new Sides(shuffled, shuffled(query, random));
    }
    int half = shuffled.size() / 2;
    return new Sides(shuffled.subList(0, half), shuffled.subList(half, shuffled.size()));
  }

  Random random(long seed, int number) {
    return new Random((seed * 1_000_003 + number) * 1_000_003 + object.hashCode());
  }

  private static List<Photo> shuffled(List<Photo> photos, Random random) {
    List<Photo> shuffled = new ArrayList<>(photos);
    Collections.shuffle(shuffled, random);
    return shuffled;
  }

  private static List<Photo> remove(List<Photo> from, Set<Photo> photos) {
    return photos.isEmpty() ? from : from.stream().filter(photo -> !photos.contains(photo)).toList();
  }
}
