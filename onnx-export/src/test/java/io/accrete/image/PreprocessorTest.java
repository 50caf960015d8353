package io.accrete.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.bundle.Preprocessing;
import io.accrete.bundle.Preprocessing.Resample;
import io.accrete.bundle.Preprocessing.Resize;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PreprocessorTest {
  @Property(tries = 200)
  void shouldKeepAPlainColour(@ForAll @IntRange(min = 1, max = 300) int width, @ForAll @IntRange(min = 1, max = 300) int height,
      @ForAll @IntRange(min = 0, max = 255) int value, @ForAll Resample filter) {
    Preprocessing preprocessing = new Preprocessing(
        Resize.SHORTEST_EDGE, 40, 32, filter, 1, Preprocessing.IMAGENET_MEAN, Preprocessing.IMAGENET_STD);

    byte[] pixels = new Preprocessor(preprocessing).pixels(plain(width, height, value));

    assertThat(pixels).hasSize(32 * 32 * 3).containsOnly(value);
  }

  @Property(tries = 100)
  void shouldCropAsIfResizedWhole(@ForAll @IntRange(min = 1, max = 90) int width, @ForAll @IntRange(min = 1, max = 90) int height,
      @ForAll @IntRange(min = 1, max = 60) int toWidth, @ForAll @IntRange(min = 1, max = 60) int toHeight, @ForAll Resample filter) {
    RgbImage image = noise(width, height);
    int left = toWidth / 3;
    int top = toHeight / 4;
    int cropWidth = toWidth - left - toWidth / 5;
    int cropHeight = toHeight - top - toHeight / 6;

    RgbImage whole = Resampler.resize(image, filter, toWidth, toHeight);
    RgbImage crop = Resampler.resize(image, filter, toWidth, toHeight, left, top, cropWidth, cropHeight);

    for (int y = 0; y < cropHeight; y++) {
      int from = ((top + y) * toWidth + left) * 3;
      assertThat(Arrays.copyOfRange(crop.rgb(), y * cropWidth * 3, (y + 1) * cropWidth * 3))
          .isEqualTo(Arrays.copyOfRange(whole.rgb(), from, from + cropWidth * 3));
    }
  }

  @Test
  void shouldLeaveAnImageOfTheRightSizeAsItIs() {
    RgbImage image = noise(32, 32);

    for (Resample filter : Resample.values()) {
      assertThat(Resampler.resize(image, filter, 32, 32).rgb()).isEqualTo(image.rgb());
    }
  }

  @Test
  void shouldSurviveExtremeProportions() {
    Preprocessing preprocessing = Preprocessing.imageNet(96, 96);

    for (RgbImage image : List.of(plain(1, 2_000_000, 9), plain(2_000_000, 1, 9))) {
      assertThat(new Preprocessor(preprocessing).pixels(image)).hasSize(96 * 96 * 3).containsOnly(9);
    }
  }

  @Test
  void shouldRefuseAWindowOutside() {
    assertThatThrownBy(() -> Resampler.resize(noise(4, 4), Resample.BICUBIC, 8, 8, 1, 0, 8, 8))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static RgbImage plain(int width, int height, int value) {
    byte[] rgb = new byte[width * height * 3];
    Arrays.fill(rgb, (byte) value);
    return new RgbImage(width, height, rgb);
  }

  private static RgbImage noise(int width, int height) {
    byte[] rgb = new byte[width * height * 3];
    new Random(width).nextBytes(rgb);
    return new RgbImage(width, height, rgb);
  }
}
