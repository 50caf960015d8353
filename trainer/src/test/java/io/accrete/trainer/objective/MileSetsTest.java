package io.accrete.trainer.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.image.RgbImage;
import io.accrete.trainer.data.PhotoSet.PhotoObject;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MileSetsTest {
  private static final MileSettings SETTINGS = MileSettings.standard(100).withBatch(3, 4, 5, 2);

  @Test
  void shouldLayOutCropsThenObjectsThenPhotos() {
    MileBatch<float[]> batch = MileSets.ofTokens(tokens(6, 6, 6, 6, 6), SETTINGS, 1).apply(0);

    assertThat(batch.objects()).isEqualTo(3);
    float[][][] globals = sequences(batch.globals(), 3, 2, 4);
    float[][][] locals = sequences(batch.locals(), 3, 5, 2);
    Set<Integer> objects = new HashSet<>();
    for (int object = 0; object < 3; object++) {
      float[] set = sorted(globals[0][object]);
      assertThat(sorted(globals[1][object])).isEqualTo(set);
      assertThat(new HashSet<>(boxed(set))).as("photos of a set").hasSize(4);
      for (float[][] crop : locals) {
        assertThat(boxed(set)).containsAll(boxed(crop[object]));
        assertThat(crop[object][0]).isNotEqualTo(crop[object][1]);
      }
      assertThat(boxed(set)).extracting(photo -> photo.intValue() / 100).containsOnly((int) set[0] / 100);
      objects.add((int) set[0] / 100);
    }
    assertThat(objects).hasSize(3);
  }

  @Test
  void shouldDrawOrdersAnewForEachSequence() {
    MileSets<float[]> sets = MileSets.ofTokens(tokens(8, 8, 8), SETTINGS, 1);
    int different = 0;
    for (int number = 0; number < 10; number++) {
      float[][][] globals = sequences(sets.apply(number).globals(), 3, 2, 4);
      for (int object = 0; object < 3; object++) {
        different += Arrays.equals(globals[0][object], globals[1][object]) ? 0 : 1;
      }
    }
    assertThat(different).isGreaterThan(20); // one in 24 is equal by chance
  }

  @Test
  void shouldRepeatPhotosWhereThereAreTooFew() {
    float[][][] globals = sequences(MileSets.ofTokens(tokens(1, 2, 3), SETTINGS, 1).apply(0).globals(), 3, 2, 4);

    assertThat(Arrays.stream(globals[0]).map(MileSetsTest::sorted)).extracting(set -> boxed(set).stream().distinct().count())
        .containsExactlyInAnyOrder(1L, 2L, 3L);
    assertThat(Arrays.stream(globals[0]).filter(set -> boxed(set).stream().distinct().count() == 2)).singleElement()
        .satisfies(set -> assertThat(sorted(set)[1]).as("each of the two twice").isNotEqualTo(sorted(set)[2]));
  }

  @Test
  void shouldGiveTheSameBatchForTheSameNumber() {
    MileSets<float[]> sets = MileSets.ofTokens(tokens(6, 6, 6), SETTINGS, 1);

    float[] images = sets.apply(7).locals().images();

    assertThat(MileSets.ofTokens(tokens(6, 6, 6), SETTINGS, 1).apply(7).locals().images()).isEqualTo(images);
    assertThat(sets.apply(8).locals().images()).isNotEqualTo(images);
    assertThat(MileSets.ofTokens(tokens(6, 6, 6), SETTINGS, 2).apply(7).locals().images()).isNotEqualTo(images);
  }

  @Test
  void shouldCropPhotosLargeAndSmall() {
    List<PhotoObject> objects = IntStream.range(0, 3)
        .mapToObj(object -> new PhotoObject("o" + object, List.of(noise(object), noise(object + 9)))).toList();

    MileBatch<byte[]> batch = MileSets.ofPhotos(objects, 16, 8, SETTINGS, 1).apply(0);

    assertThat(batch.globals().images()).hasSize(2 * 3 * 4 * 16 * 16 * 3);
    assertThat(batch.locals().images()).hasSize(5 * 3 * 2 * 8 * 8 * 3);
    byte[] first = Arrays.copyOf(batch.globals().images(), 16 * 16 * 3);
    byte[] second = Arrays.copyOfRange(batch.globals().images(), first.length, 2 * first.length);
    assertThat(first).isNotEqualTo(second);
  }

  @Test
  void shouldRefuseASingleObjectAndObjectsWithoutPhotos() {
    List<PhotoObject> empty = List.of(new PhotoObject("a", List.of()), new PhotoObject("b", List.of()));

    assertThatThrownBy(() -> MileSets.ofTokens(tokens(6), SETTINGS, 1)).hasMessageContaining("two objects").hasMessageContaining("found 1");
    assertThatThrownBy(() -> MileSets.ofPhotos(empty, 16, 8, SETTINGS, 1)).hasMessageContaining("0 photos");
  }

  /** One number for each photo: a hundred times its object's number, plus its own. */
  private static List<List<List<float[]>>> tokens(int... photos) {
    return IntStream.range(0, photos.length).mapToObj(object -> IntStream.range(0, photos[object])
        .mapToObj(photo -> List.of(new float[] {100 * object + photo})).toList()).toList();
  }

  private static float[][][] sequences(MileBatch.Crops<float[]> crops, int objects, int count, int length) {
    assertThat(crops.count()).isEqualTo(count);
    assertThat(crops.length()).isEqualTo(length);
    assertThat(crops.images()).hasSize(count * objects * length);
    float[][][] sequences = new float[count][objects][];
    for (int crop = 0; crop < count; crop++) {
      for (int object = 0; object < objects; object++) {
        int from = (crop * objects + object) * length;
        sequences[crop][object] = Arrays.copyOfRange(crops.images(), from, from + length);
      }
    }
    return sequences;
  }

  private static float[] sorted(float[] values) {
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted;
  }

  private static List<Float> boxed(float[] values) {
    return IntStream.range(0, values.length).mapToObj(i -> values[i]).toList();
  }

  private static RgbImage noise(int seed) {
    byte[] rgb = new byte[20 * 24 * 3];
    new Random(seed).nextBytes(rgb);
    return new RgbImage(20, 24, rgb);
  }
}
