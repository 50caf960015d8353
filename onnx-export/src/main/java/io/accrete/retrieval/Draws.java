package io.accrete.retrieval;

import io.accrete.retrieval.Candidates.Sides;
import io.accrete.retrieval.Draw.Sample;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The draws of all objects. The photos that stay an object's own are those it would draw without foreign ones. */
final class Draws {
  private final List<Candidates> objects;
  private final int images;
  private final int foreign;
  private final int count;
  private final long seed;
  private final Set<Photo> unusable = Collections.newSetFromMap(new IdentityHashMap<>());

  Draws(List<Candidates> objects, int images, int foreign, int count, long seed) {
    this.objects = objects;
    this.images = images;
    this.foreign = foreign;
    this.count = count;
    this.seed = seed;
  }

  /** From now on no draw has this photo, whoever's it is. */
  void passOver(Photo photo) {
    unusable.add(photo);
  }

  /** All draws of one object; none if too few of its photos are left. */
  List<Draw> of(int object) {
    return usable(object).empty() ? List.of() : IntStream.range(0, count).mapToObj(number -> draw(object, number)).toList();
  }

  private Draw draw(int object, int number) {
    Sides sides = usable(object).sides(seed, number);
    Random random = objects.get(object).random(~seed, number); // apart from what draws its own
    return new Draw(sample(object, number, sides, Sides::gallery, random), sample(object, number, sides, Sides::query, random));
  }

  private Sample sample(int object, int number, Sides sides, Function<Sides, List<Photo>> side, Random random) {
    List<Photo> own = side.apply(sides);
    List<Photo> folded = new ArrayList<>(own.subList(0, Math.min(images, own.size())));
    List<Integer> places = new ArrayList<>(IntStream.range(1, folded.size()).boxed().toList());
    Collections.shuffle(places, random);
    Set<Integer> replaced = Set.copyOf(places.subList(0, Math.min(foreign, places.size())));
    List<Photo> left = IntStream.range(0, folded.size()).filter(place -> !replaced.contains(place)).mapToObj(folded::get).toList();
    replaced.stream().sorted().forEach(place -> folded.set(place, stranger(object, number, side, random)));
    return new Sample(left, folded);
  }

  /** A photo from the same side of another object, if possible one that is not in that object's own set too. */
  private Photo stranger(int object, int number, Function<Sides, List<Photo>> side, Random random) {
    int first = random.nextInt(objects.size());
    for (int i = 0; i < objects.size(); i++) {
      int other = (first + i) % objects.size();
      if (other != object && !usable(other).empty()) {
        List<Photo> photos = side.apply(usable(other).sides(seed, number));
        List<Photo> rest = photos.size() > images ? photos.subList(images, photos.size()) : photos;
        return rest.get(random.nextInt(rest.size()));
      }
    }
    throw new IllegalArgumentException(
        "Expected a second object with usable photos on both sides to take foreign photos from, found none.");
  }

  private Candidates usable(int object) {
    return objects.get(object).without(unusable);
  }
}
