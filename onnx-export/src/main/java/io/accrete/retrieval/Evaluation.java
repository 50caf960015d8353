package io.accrete.retrieval;

import io.accrete.image.ImageLimits;
import io.accrete.retrieval.RetrievalReport.Score;
import io.accrete.retrieval.SetEmbeddings.Image;
import io.accrete.retrieval.SetEmbeddings.Side;
import io.accrete.runtime.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retrieval of objects by a loaded bundle: every object's photos on the query side look for its photos on the gallery side, over random
 * draws of n photos a side. An object with fewer than n takes part with what it has, at least one a side; photos that cannot be decoded
 * are passed over with a warning.
 *
 * <p>{@code single} takes the first, then the second, ... drawn photo of every object alone, on both sides, and averages. It,
 * {@code maximum} and {@code mean} are scores of the encoder alone, whatever the aggregator: an image's embedding there is its unit-length
 * CLS token. {@code served.single} and {@code states} are the like of {@code single} and {@code mean} with what the aggregator makes of one
 * image; what {@code aggregated} has beyond {@code states} is the gain of folding, the rest that of adapting single images.
 *
 * <p>In the place of some photos of a set there may be foreign ones, of other objects drawn at random, as where photos were filed wrongly;
 * single photos are the object's own all the same.
 */
public final class Evaluation {
  private static final Logger log = LoggerFactory.getLogger(Evaluation.class);

  private final Model model;
  private final ImageLimits limits;
  private final int images;
  private final int foreign;
  private final int draws;
  private final long seed;

  /** Follows the encoding of photos, which takes nearly all the time. */
  public interface Listener {
    /** How many photos there are to encode. */
    void begins(long photos);

    /** One more is done. */
    void encoded();
  }

  /**
   * An evaluation without foreign photos.
   *
   * @param images photos a side, at least 1
   * @param draws number of random draws, at least 1
   */
  public Evaluation(Model model, ImageLimits limits, int images, int draws, long seed) {
    this(model, limits, images, 0, draws, seed);
  }

  /**
   * An evaluation.
   *
   * @param images photos a side, at least 1
   * @param foreign how many of them, the first excepted, are of other objects, on both sides: at least 0, fewer than {@code images}; an
   *     object always keeps its first
   * @param draws number of random draws, at least 1
   */
  public Evaluation(Model model, ImageLimits limits, int images, int foreign, int draws, long seed) {
    if (images < 1 || draws < 1) {
      throw new IllegalArgumentException("Expected at least 1 image a side and 1 draw, found " + images + " and " + draws + ".");
    }
    if (foreign < 0 || foreign >= images) {
      throw new IllegalArgumentException("Expected from 0 to " + (images - 1) + " foreign photos among " + images
          + " a side, as the first is the object's own; found " + foreign + ".");
    }
    this.model = model;
    this.limits = limits;
    this.images = images;
    this.foreign = foreign;
    this.draws = draws;
    this.seed = seed;
  }

  /**
   * Scores of queries and gallery with photos of their own, over the objects that have both.
   *
   * @throws IllegalArgumentException if no object has photos on both sides
   */
  public RetrievalReport between(Map<String, List<Photo>> gallery, Map<String, List<Photo>> query, Listener listener) {
    Map<String, Candidates> candidates = new TreeMap<>();
    gallery.forEach((id, photos) -> candidates.put(id, new Candidates(id, photos, query.getOrDefault(id, List.of()))));
    query.forEach((id, photos) -> candidates.putIfAbsent(id, new Candidates(id, List.of(), photos)));
    return run(List.copyOf(candidates.values()), listener);
  }

  /**
   * Scores of disjoint halves of each object's photos, halved anew for each draw.
   *
   * @throws IllegalArgumentException if no object has two photos
   */
  public RetrievalReport halves(Map<String, List<Photo>> photos, Listener listener) {
    List<Candidates> candidates = new ArrayList<>();
    new TreeMap<>(photos).forEach((id, images) -> candidates.add(new Candidates(id, images, null)));
    return run(candidates, listener);
  }

  private RetrievalReport run(List<Candidates> objects, Listener listener) {
    Draws all = new Draws(objects, images, foreign, draws, seed);
    listener.begins(IntStream.range(0, objects.size()).mapToLong(object -> Draw.photos(all.of(object)).size()).sum());
    List<String> leftOut = new ArrayList<>();
    List<List<Side>> gallery = new ArrayList<>();
    List<List<Side>> query = new ArrayList<>();
    for (int object = 0; object < objects.size(); object++) {
      SetEmbeddings embeddings = new SetEmbeddings(model, limits, listener::encoded);
      List<Draw> drawn = usable(all, object, embeddings);
      if (drawn.isEmpty()) {
        leftOut.add(objects.get(object).object());
      } else {
        gallery.add(drawn.stream().map(draw -> embeddings.side(draw.gallery())).toList());
        query.add(drawn.stream().map(draw -> embeddings.side(draw.query())).toList());
      }
    }
    if (gallery.isEmpty()) {
      throw new IllegalArgumentException(
          "Expected objects with at least one usable photo on each side, found none among " + objects.size() + ".");
    }
    return new RetrievalReport(images, foreign, gallery.size(),
        score(gallery, query, (g, q) -> single(g, q, Image::cls)), score(gallery, query, Evaluation::maximum),
        score(gallery, query, side -> Vectors.unitMean(side.all(Image::cls))),
        score(gallery, query, (g, q) -> single(g, q, Image::served)),
        score(gallery, query, side -> Vectors.unitMean(side.all(Image::served))),
        score(gallery, query, Side::aggregated), List.copyOf(leftOut));
  }

  /** Draws from the photos that can be decoded, encoded; none if too few can. */
  private static List<Draw> usable(Draws draws, int object, SetEmbeddings embeddings) {
    while (true) {
      List<Draw> drawn = draws.of(object);
      try {
        embeddings.encode(Draw.photos(drawn));
        return drawn;
      } catch (SetEmbeddings.Unusable e) {
        log.warn("Passing over {}: {}", e.photo().name(), e.getMessage());
        draws.passOver(e.photo());
      }
    }
  }

  private interface Scoring {
    /** AR@10 and R@1 of one draw. */
    double[] score(List<Side> gallery, List<Side> query);
  }

  private Score score(List<List<Side>> gallery, List<List<Side>> query, Function<Side, float[]> embedding) {
    return score(gallery, query, (g, q) -> scores(Recall.of(embed(g, embedding), embed(q, embedding))));
  }

  private Score score(List<List<Side>> gallery, List<List<Side>> query, Scoring scoring) {
    return Score.of(IntStream.range(0, draws).mapToObj(draw -> scoring.score(
        gallery.stream().map(sides -> sides.get(draw)).toList(), query.stream().map(sides -> sides.get(draw)).toList())).toList());
  }

  private double[] single(List<Side> gallery, List<Side> query, Function<Image, float[]> embedding) {
    int singles = images - foreign;
    double[] mean = new double[2];
    for (int i = 0; i < singles; i++) {
      int image = i;
      Function<Side, float[]> one = side -> embedding.apply(side.own().get(image % side.own().size()));
      double[] scores = scores(Recall.of(embed(gallery, one), embed(query, one)));
      mean[0] += scores[0] / singles;
      mean[1] += scores[1] / singles;
    }
    return mean;
  }

  private static double[] maximum(List<Side> gallery, List<Side> query) {
    return scores(Recall.of(all(gallery), labels(gallery), all(query), labels(query)));
  }

  private static double[] scores(Recall recall) {
    return new double[] {recall.ar10(), recall.r1()};
  }

  private static float[][] embed(List<Side> sides, Function<Side, float[]> embedding) {
    return sides.stream().map(embedding).toArray(float[][]::new);
  }

  private static float[][] all(List<Side> sides) {
    return sides.stream().flatMap(side -> Arrays.stream(side.all(Image::cls))).toArray(float[][]::new);
  }

  private static int[] labels(List<Side> sides) {
    return IntStream.range(0, sides.size()).flatMap(label -> sides.get(label).folded().stream().mapToInt(image -> label)).toArray();
  }
}
