package io.accrete.retrieval;

import io.accrete.image.ImageLimits;
import io.accrete.retrieval.Draw.Candidates;
import io.accrete.retrieval.RetrievalReport.Score;
import io.accrete.retrieval.SetEmbeddings.Side;
import io.accrete.runtime.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * <p>{@code single} takes the first, then the second, ... drawn photo of every object alone, on both sides, and averages.
 */
public final class Evaluation {
  private static final Logger log = LoggerFactory.getLogger(Evaluation.class);

  private final Model model;
  private final ImageLimits limits;
  private final int images;
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
   * An evaluation.
   *
   * @param images photos a side, at least 1
   * @param draws number of random draws, at least 1
   */
  public Evaluation(Model model, ImageLimits limits, int images, int draws, long seed) {
    if (images < 1 || draws < 1) {
      throw new IllegalArgumentException("Expected at least 1 image a side and 1 draw, found " + images + " and " + draws + ".");
    }
    this.model = model;
    this.limits = limits;
    this.images = images;
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
    listener.begins(objects.stream().filter(object -> !object.empty()).mapToLong(object -> photos(draws(object)).size()).sum());
    List<String> leftOut = new ArrayList<>();
    List<List<Side>> gallery = new ArrayList<>();
    List<List<Side>> query = new ArrayList<>();
    for (Candidates object : objects) {
      SetEmbeddings embeddings = new SetEmbeddings(model, limits, listener::encoded);
      List<Draw> drawn = usable(object, embeddings);
      if (drawn.isEmpty()) {
        leftOut.add(object.object());
      } else {
        gallery.add(drawn.stream().map(draw -> embeddings.side(draw.gallery())).toList());
        query.add(drawn.stream().map(draw -> embeddings.side(draw.query())).toList());
      }
    }
    if (gallery.isEmpty()) {
      throw new IllegalArgumentException(
          "Expected objects with at least one usable photo on each side, found none among " + objects.size() + ".");
    }
    return new RetrievalReport(images, gallery.size(),
        score(gallery, query, this::single), score(gallery, query, Evaluation::maximum),
        score(gallery, query, side -> Vectors.unitMean(side.singles())), score(gallery, query, Side::aggregated), List.copyOf(leftOut));
  }

  /** Draws from the photos that can be decoded, encoded; none if too few can. */
  private List<Draw> usable(Candidates object, SetEmbeddings embeddings) {
    Candidates left = object;
    while (!left.empty()) {
      List<Draw> drawn = draws(left);
      try {
        embeddings.encode(photos(drawn));
        return drawn;
      } catch (SetEmbeddings.Unusable e) {
        log.warn("Passing over {}: {}", e.photo().name(), e.getMessage());
        left = left.without(e.photo());
      }
    }
    return List.of();
  }

  private List<Draw> draws(Candidates object) {
    return IntStream.range(0, draws).mapToObj(number -> Draw.of(object, images, seed, number)).toList();
  }

  private static Set<Photo> photos(List<Draw> drawn) {
    Set<Photo> photos = new LinkedHashSet<>(); // in order, so that every run makes the same batches and so gives the same bits
    drawn.forEach(draw -> {
      photos.addAll(draw.gallery());
      photos.addAll(draw.query());
    });
    return photos;
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

  private double[] single(List<Side> gallery, List<Side> query) {
    double[] mean = new double[2];
    for (int i = 0; i < images; i++) {
      int image = i;
      Function<Side, float[]> one = side -> side.single().get(image % side.single().size());
      double[] scores = scores(Recall.of(embed(gallery, one), embed(query, one)));
      mean[0] += scores[0] / images;
      mean[1] += scores[1] / images;
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
    return sides.stream().flatMap(side -> Arrays.stream(side.singles())).toArray(float[][]::new);
  }

  private static int[] labels(List<Side> sides) {
    return IntStream.range(0, sides.size()).flatMap(label -> sides.get(label).single().stream().mapToInt(single -> label)).toArray();
  }
}
