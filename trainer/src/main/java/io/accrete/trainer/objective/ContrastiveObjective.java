package io.accrete.trainer.objective;

import io.accrete.model.Aggregator;
import io.accrete.trainer.data.Seeds;
import io.accrete.trainer.objective.TokenSource.Choice;
import io.accrete.trainer.recipe.ContrastiveStage;
import io.accrete.trainer.torch.ParameterGroup;
import io.accrete.trainer.torch.TorchAlgebra;
import io.accrete.trainer.torch.TorchParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Two disjoint sets of photos of one object must find each other among those of other objects (symmetric InfoNCE on set embeddings). That
 * photos belong to one object comes free with the stream. Beyond the paper.
 *
 * @param <I> see {@link TokenSource}
 */
public final class ContrastiveObjective<I> implements Objective<ContrastiveObjective.Batch<I>> {
  private static final long SIZES = -1; // index of the random numbers that concern the whole batch

  private final TokenSource<I> source;
  private final Aggregator aggregator;
  private final TorchParameters parameters;
  private final ContrastiveStage settings;
  private final long seed;
  private final int[] photos;

  /**
   * Two sets of each object.
   *
   * @param left images of each object in the one set, {@code right} in the other
   * @param images by place in the sets, the left one first, then by object
   */
  public record Batch<I>(int objects, int left, int right, I images) {}

  /** An objective that changes these parameters of the aggregator, and of the encoder what {@code source} says. */
  public ContrastiveObjective(TokenSource<I> source, Aggregator aggregator, TorchParameters parameters, ContrastiveStage settings,
      long seed) {
    this.source = source;
    this.aggregator = aggregator;
    this.parameters = parameters;
    this.settings = settings;
    this.seed = seed;
    photos = source.photos();
    if (photos.length < 2 || IntStream.of(photos).anyMatch(count -> count < 2)) {
      throw new IllegalArgumentException("Contrast needs at least two objects of at least two photos each; found " + photos.length
          + " objects, of which the smallest has " + IntStream.of(photos).min().orElse(0) + " photos.");
    }
  }

  @Override
  public String name() {
    return ContrastiveStage.NAME;
  }

  @Override
  public Batch<I> batch(long number) {
    SplittableRandom random = Seeds.random(seed, number, SIZES);
    int left = 1 + random.nextInt(settings.images());
    int right = 1 + random.nextInt(settings.images());
    int[] chosen = some(random, photos.length, Math.min(settings.batch(), photos.length));
    Choice[] choices = new Choice[chosen.length * (left + right)];
    for (int i = 0; i < chosen.length; i++) {
      List<Choice> images = images(Seeds.random(seed, number, i), chosen[i], left, right);
      for (int place = 0; place < images.size(); place++) {
        choices[place * chosen.length + i] = images.get(place);
      }
    }
    return new Batch<>(chosen.length, left, right, source.images(List.of(choices), random));
  }

  /** Photos of one object for both sets; no photo is in both, and where there are too few, a set repeats its own. */
  private List<Choice> images(SplittableRandom random, int object, int left, int right) {
    int count = Math.min(left + right, photos[object]);
    int[] drawn = some(random, photos[object], count);
    int border = Math.max(1, Math.min(count - 1, Math.round((float) count * left / (left + right))));
    List<Choice> images = new ArrayList<>();
    for (int place = 0; place < left + right; place++) {
      int photo = place < left ? drawn[place % border] : drawn[border + (place - left) % (count - border)];
      boolean alone = place < left ? left == 1 : right == 1;
      images.add(!alone && random.nextDouble() < settings.foreign() ? foreign(random) : new Choice(object, photo));
    }
    return images;
  }

  private Choice foreign(SplittableRandom random) {
    int object = random.nextInt(photos.length);
    return new Choice(object, random.nextInt(photos[object]));
  }

  /** Different numbers below a limit, in random order. */
  static int[] some(SplittableRandom random, int limit, int count) {
    int[] all = IntStream.range(0, limit).toArray();
    for (int i = 0; i < count; i++) {
      int other = i + random.nextInt(limit - i);
      int swapped = all[i];
      all[i] = all[other];
      all[other] = swapped;
    }
    return IntStream.of(all).limit(count).toArray();
  }

  @Override
  public Loss loss(Batch<I> batch, long step) {
    Tensor tokens = source.tokens(batch.images);
    Tensor left = embedding(tokens, batch, 0, batch.left);
    Tensor right = embedding(tokens, batch, batch.left, batch.right);
    Tensor contrast = Losses.contrast(left, right, settings.temperature());
    Tensor anchor = Losses.cosineDistance(left, mean(tokens, batch, 0, batch.left))
        .add(Losses.cosineDistance(right, mean(tokens, batch, batch.left, batch.right))).mul(new Scalar(0.5));
    return new Loss(contrast.add(anchor.mul(new Scalar(settings.anchor()))),
        Map.of("contrast", contrast.detach(), "anchor", anchor.detach()), left.detach());
  }

  private Tensor embedding(Tensor tokens, Batch<I> batch, int first, int count) {
    TorchAlgebra algebra = new TorchAlgebra(parameters);
    Tensor state = aggregator.first(algebra, image(tokens, batch, first));
    for (int i = 1; i < count; i++) {
      Tensor before = algebra.expandBatch(algebra.reshape(algebra.constant(i), 1, 1, 1), state);
      state = aggregator.next(algebra, state, image(tokens, batch, first + i), before);
    }
    return Losses.unit(aggregator.embedding(algebra, state));
  }

  /** The unit mean of the images' own CLS tokens, as a fixed aim. */
  private Tensor mean(Tensor tokens, Batch<I> batch, int first, int count) {
    Tensor sum = null;
    for (int i = 0; i < count; i++) {
      Tensor one = Losses.unit(image(tokens, batch, first + i).select(1, 0).detach());
      sum = sum == null ? one : sum.add(one);
    }
    return Losses.unit(sum);
  }

  private static Tensor image(Tensor tokens, Batch<?> batch, int place) {
    long from = (long) place * batch.objects;
    return tokens.slice(0, new LongOptional(from), new LongOptional(from + batch.objects), 1).to(ScalarType.Float);
  }

  @Override
  public List<ParameterGroup> groups() {
    Stream<ParameterGroup> learned = parameters.size() == 0 ? Stream.of() : Stream.of(new ParameterGroup("aggregator", parameters));
    return Stream.concat(learned, source.groups().stream()).toList();
  }

  @Override
  public void close() {
    source.close();
  }
}
