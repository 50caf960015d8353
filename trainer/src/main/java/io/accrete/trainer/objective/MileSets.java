package io.accrete.trainer.objective;

import io.accrete.trainer.data.Augmentation;
import io.accrete.trainer.data.PhotoSet.PhotoObject;
import io.accrete.trainer.data.Seeds;
import io.accrete.trainer.data.Views;
import io.accrete.trainer.objective.MileBatch.Crops;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongFunction;

/**
 * Batches of sequences, drawn from objects and their photos. The crops of an object are of the same photos, N of them (all of them and
 * repeats where there are fewer), each sequence in an order of its own; sequences of small crops may be of some of them alone.
 *
 * @param <I> see {@link MileBatch}
 */
public final class MileSets<I> implements LongFunction<MileBatch<I>> {
  private static final long OBJECTS = -1; // index of the random numbers that concern the whole batch

  private final int[] photos;
  private final MileSettings settings;
  private final long seed;
  private final Maker<I> maker;

  /** A kind of crop. */
  enum Kind {
    GLOBAL_1,
    GLOBAL_2,
    LOCAL
  }

  /** A photo of an object, by their numbers, how it is cropped, and the random numbers for that. */
  record Crop(int object, int photo, Kind kind, SplittableRandom random) {}

  /** Makes crops, one after the other. */
  @FunctionalInterface
  interface Maker<I> {
    I images(List<Crop> crops);
  }

  private MileSets(int[] photos, MileSettings settings, long seed, Maker<I> maker) {
    if (photos.length < 2 || Arrays.stream(photos).min().orElse(0) < 1) {
      throw new IllegalArgumentException("Self-distillation of sets needs at least two objects, none without photos; found " + photos.length
          + " objects, of which the smallest has " + Arrays.stream(photos).min().orElse(0) + " photos.");
    }
    this.photos = photos;
    this.settings = settings;
    this.seed = seed;
    this.maker = maker;
  }

  /**
   * Crops as the paper has them: two large ones and some small ones of each photo, varied in colour.
   *
   * @param globalSize pixels per side of the large ones
   * @param localSize and of the small ones
   */
  public static MileSets<byte[]> ofPhotos(List<PhotoObject> objects, int globalSize, int localSize, MileSettings settings, long seed) {
    Map<Kind, Views> views = new EnumMap<>(Map.of(Kind.GLOBAL_1, new Views(Augmentation.GLOBAL_1),
        Kind.GLOBAL_2, new Views(Augmentation.GLOBAL_2), Kind.LOCAL, new Views(Augmentation.LOCAL)));
    int[] photos = objects.stream().mapToInt(object -> object.photos().size()).toArray();
    return new MileSets<>(photos, settings, seed, crops -> {
      int size = crops.get(0).kind == Kind.LOCAL ? localSize : globalSize;
      ByteBuffer images = ByteBuffer.allocate(crops.size() * size * size * 3);
      for (Crop crop : crops) {
        images.put(views.get(crop.kind).view(objects.get(crop.object).photos().get(crop.photo), size, crop.random));
      }
      return images.array();
    });
  }

  /**
   * For a frozen encoder, whose tokens are kept: a crop is one of the views of a photo that were encoded. Sequences then differ in order,
   * in views, and, with {@link MileSettings#localImages} below N, in which photos of the set they hold.
   *
   * @param kept tokens by object, photo and view, at least one view of each
   */
  public static MileSets<float[]> ofTokens(List<List<List<float[]>>> kept, MileSettings settings, long seed) {
    int length = kept.get(0).get(0).get(0).length;
    return new MileSets<>(kept.stream().mapToInt(List::size).toArray(), settings, seed, crops -> {
      FloatBuffer images = FloatBuffer.allocate(crops.size() * length);
      for (Crop crop : crops) {
        List<float[]> views = kept.get(crop.object).get(crop.photo);
        images.put(views.get(crop.random.nextInt(views.size())));
      }
      return images.array();
    });
  }

  @Override
  public MileBatch<I> apply(long number) {
    int count = Math.min(settings.objects(), photos.length);
    int[] objects = ContrastiveObjective.some(Seeds.random(seed, number, OBJECTS), photos.length, count);
    SplittableRandom[] randoms = new SplittableRandom[objects.length];
    int[][] sets = new int[objects.length][];
    for (int i = 0; i < objects.length; i++) {
      randoms[i] = Seeds.random(seed, number, i);
      sets[i] = ContrastiveObjective.some(randoms[i], photos[objects[i]], Math.min(settings.images(), photos[objects[i]]));
    }
    List<Crop> globals = new ArrayList<>();
    sequences(globals, objects, sets, randoms, settings.images(), Kind.GLOBAL_1);
    sequences(globals, objects, sets, randoms, settings.images(), Kind.GLOBAL_2);
    List<Crop> locals = new ArrayList<>();
    for (int crop = 0; crop < settings.locals(); crop++) {
      sequences(locals, objects, sets, randoms, settings.localImages(), Kind.LOCAL);
    }
    return new MileBatch<>(objects.length, new Crops<>(DinoLoss.TEACHER_CROPS, settings.images(), maker.images(globals)),
        new Crops<>(settings.locals(), settings.localImages(), locals.isEmpty() ? null : maker.images(locals)));
  }

  /** One sequence of each object: so many of its set's N photos, repeats among them, in random order. */
  private void sequences(List<Crop> into, int[] objects, int[][] sets, SplittableRandom[] randoms, int length, Kind kind) {
    for (int i = 0; i < objects.length; i++) {
      for (int place : ContrastiveObjective.some(randoms[i], settings.images(), length)) {
        into.add(new Crop(objects[i], sets[i][place % sets[i].length], kind, randoms[i]));
      }
    }
  }
}
