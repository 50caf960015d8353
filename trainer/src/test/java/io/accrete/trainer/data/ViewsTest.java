package io.accrete.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.accrete.bundle.Preprocessing.Resample;
import io.accrete.image.Box;
import io.accrete.image.Resampler;
import io.accrete.image.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ViewsTest {
  private static final List<Augmentation> PRESETS =
      List.of(Augmentation.GLOBAL_1, Augmentation.GLOBAL_2, Augmentation.LOCAL, Augmentation.MILD);

  @Test
  void shouldDependOnThePhotoAndTheNumbersAlone() {
    RgbImage photo = noise(90, 70);
    byte[] before = photo.rgb().clone();

    for (Augmentation augmentation : PRESETS) {
      Views views = new Views(augmentation);
      List<byte[]> alone = IntStream.range(0, 100).mapToObj(i -> views.view(photo, 32, Seeds.random(1, 2, i))).toList();
      List<byte[]> together = IntStream.range(0, 100).parallel().mapToObj(i -> views.view(photo, 32, Seeds.random(1, 2, i))).toList();

      Set<Integer> different = new HashSet<>();
      for (int i = 0; i < alone.size(); i++) {
        assertThat(together.get(i)).hasSize(32 * 32 * 3).isEqualTo(alone.get(i));
        different.add(Arrays.hashCode(alone.get(i)));
      }
      assertThat(different).hasSize(100);
    }
    assertThat(photo.rgb()).isEqualTo(before);
  }

  @Property(tries = 300)
  void shouldCropWithinTheRangesWhereSuchARegionFits(@ForAll @IntRange(min = 50, max = 300) int width,
      @ForAll @IntRange(min = 50, max = 300) int height, @ForAll @DoubleRange(min = .05, max = .3) double scale, @ForAll long seed) {
    double most = Math.min(.3, .7 * Math.min((double) width / height, (double) height / width)); // with ratio 4/3 it still fits
    double least = Math.min(scale, most);
    Views views = new Views(plain(least, most));

    Box box = views.region(noise(width, height), Seeds.random(seed, 0, 0));

    float across = box.right() - box.left();
    float down = box.bottom() - box.top();
    assertThat(box.left()).isNotNegative();
    assertThat(box.top()).isNotNegative();
    assertThat(box.right()).isLessThanOrEqualTo(width);
    assertThat(box.bottom()).isLessThanOrEqualTo(height);
    assertThat((across + .5) / (down - .5)).isGreaterThanOrEqualTo(3 / 4.0);
    assertThat((across - .5) / (down + .5)).isLessThanOrEqualTo(4 / 3.0);
    assertThat((across + .5) * (down + .5)).isGreaterThanOrEqualTo(least * width * height);
    assertThat((across - .5) * (down - .5)).isLessThanOrEqualTo(most * width * height);
  }

  @Property(tries = 200)
  void shouldTakeAViewOfAnyPhoto(@ForAll @IntRange(min = 1, max = 200) int width, @ForAll @IntRange(min = 1, max = 200) int height,
      @ForAll @IntRange(min = 1, max = 40) int size, @ForAll byte value, @ForAll long seed) {
    byte[] rgb = new byte[width * height * 3];
    Arrays.fill(rgb, value);
    RgbImage photo = new RgbImage(width, height, rgb);

    for (Augmentation augmentation : PRESETS) {
      assertThat(new Views(augmentation).view(photo, size, Seeds.random(seed, 0, 0))).hasSize(size * size * 3);
    }
    assertThat(new Views(plain(.05, 1)).view(photo, size, Seeds.random(seed, 0, 0))).containsOnly(value);
  }

  @Test
  void shouldTakeTheMiddleOfASliver() {
    assertThat(new Views(plain(.9, 1)).region(noise(3, 100), Seeds.random(0, 0, 0))).isEqualTo(new Box(0, 48, 3, 52));
    assertThat(new Views(plain(.9, 1)).region(noise(101, 3), Seeds.random(0, 0, 0))).isEqualTo(new Box(48, 0, 52, 3));
  }

  @Test
  void shouldFlipHalfOfTheViews() {
    RgbImage photo = noise(40, 40);
    Views views = new Views(plain(1, 1)); // nearly always the middle or the whole: a region of all the area has a ratio of 1
    byte[] whole = Resampler.resize(photo, Resample.BICUBIC, 20, 20).rgb();
    byte[] flipped = Planes.of(new RgbImage(20, 20, whole), true).bytes();
    List<byte[]> found = new ArrayList<>();

    for (int i = 0; i < 1000; i++) {
      found.add(views.view(photo, 20, Seeds.random(5, 0, i)));
    }

    assertThat(found).allSatisfy(view -> assertThat(List.of(whole, flipped)).anyMatch(either -> Arrays.equals(either, view)));
    assertThat((double) found.stream().filter(view -> Arrays.equals(view, flipped)).count()).isCloseTo(500, within(60.0));
  }

  @Test
  void shouldApplyEachChangeAsOftenAsAsked() {
    RgbImage photo = noise(24, 24);

    assertThat(share(photo, new Augmentation(1, 1, Resample.BICUBIC, 0, .8, .4, .4, .2, .1, 0, 0, 0))).isCloseTo(.8, within(.06));
    assertThat(share(photo, new Augmentation(1, 1, Resample.BICUBIC, 0, 0, 0, 0, 0, 0, .2, 0, 0))).isCloseTo(.2, within(.06));
    assertThat(share(photo, new Augmentation(1, 1, Resample.BICUBIC, 0, 0, 0, 0, 0, 0, 0, .5, 0))).isBetween(.35, .55); // .1 px: no change
    assertThat(share(photo, new Augmentation(1, 1, Resample.BICUBIC, 0, 0, 0, 0, 0, 0, 0, 0, .3))).isCloseTo(.3, within(.06));
  }

  @Test
  void shouldJitterInEveryOrder() {
    RgbImage photo = new RgbImage(2, 1, new byte[] {(byte) 250, 20, 10, 30, (byte) 200, 120});
    Views views = new Views(new Augmentation(1, 1, Resample.BICUBIC, 0, 1, 1, 1, 1, .5, 0, 0, 0));

    Set<Integer> different = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      different.add(Arrays.hashCode(views.view(photo, 2, Seeds.random(9, 0, i))));
    }

    assertThat(different).hasSizeGreaterThan(350); // black, where the factor of brightness or of contrast is near 0, is the same often
  }

  @Test
  void shouldSayWhichNumberIsWrong() {
    assertThatIllegalArgumentException().isThrownBy(() -> plain(0, 1)).withMessageContaining("shares of the area");
    assertThatIllegalArgumentException().isThrownBy(() -> plain(.5, .4)).withMessageContaining("0.5 and 0.4");
    assertThatIllegalArgumentException().isThrownBy(() -> new Augmentation(.5, 1, Resample.BICUBIC, .5, .8, .4, .4, .2, .6, 0, 0, 0))
        .withMessageContaining("hue from 0 to 0.5, found 0.6");
  }

  private static double share(RgbImage photo, Augmentation augmentation) {
    byte[] same = new Views(plain(1, 1, 0)).view(photo, 24, Seeds.random(0, 0, 0));
    int times = 1000;
    return (double) IntStream.range(0, times)
        .filter(i -> !Arrays.equals(same, new Views(augmentation).view(photo, 24, Seeds.random(3, 1, i)))).count() / times;
  }

  private static Augmentation plain(double minScale, double maxScale) {
    return plain(minScale, maxScale, .5);
  }

  private static Augmentation plain(double minScale, double maxScale, double flip) {
    return new Augmentation(minScale, maxScale, Resample.BICUBIC, flip, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  private static RgbImage noise(int width, int height) {
    byte[] rgb = new byte[width * height * 3];
    new Random(width).nextBytes(rgb);
    return new RgbImage(width, height, rgb);
  }
}
