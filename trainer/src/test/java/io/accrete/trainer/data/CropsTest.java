package io.accrete.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.image.RgbImage;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CropsTest {
  private final RgbImage wide = noise(60, 40, 1);
  private final RgbImage high = noise(30, 50, 2);

  @Test
  void shouldAddCropsOfEachPhotoInTurn() {
    List<RgbImage> all = new Crops(0.2, 7).atLeast(21, List.of(wide, high), 3);

    assertThat(all).hasSize(21).startsWith(wide, high);
    for (int i = 2; i < all.size(); i++) {
      RgbImage crop = all.get(i);
      RgbImage photo = i % 2 == 0 ? wide : high;
      assertThat((double) crop.width() * crop.height() / (photo.width() * photo.height())).isBetween(0.15, 1.0);
      assertThat(isPartOf(crop, photo)).as("crop %s", i).isTrue();
    }
    assertThat(all.stream().map(RgbImage::rgb).map(Arrays::hashCode).distinct()).hasSizeGreaterThan(18);
  }

  @Test
  void shouldDependOnSeedObjectAndPhotosAlone() {
    List<byte[]> first = bytes(new Crops(0.3, 7), 3);

    assertThat(bytes(new Crops(0.3, 7), 3)).usingRecursiveComparison().isEqualTo(first);
    assertThat(bytes(new Crops(0.3, 7), 4).get(2)).isNotEqualTo(first.get(2));
    assertThat(bytes(new Crops(0.3, 8), 3).get(2)).isNotEqualTo(first.get(2));
  }

  @Test
  void shouldAddNothingWhereThereAreEnough() {
    assertThat(new Crops(0.3, 7).atLeast(2, List.of(wide, high), 0)).containsExactly(wide, high);
    assertThat(new Crops(0.3, 7).atLeast(0, List.of(wide), 0)).containsExactly(wide);
  }

  private List<byte[]> bytes(Crops crops, int object) {
    return crops.atLeast(8, List.of(wide, high), object).stream().map(RgbImage::rgb).toList();
  }

  private static boolean isPartOf(RgbImage crop, RgbImage photo) {
    for (int top = 0; top <= photo.height() - crop.height(); top++) {
      for (int left = 0; left <= photo.width() - crop.width(); left++) {
        if (isAt(crop, photo, left, top)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isAt(RgbImage crop, RgbImage photo, int left, int top) {
    for (int row = 0; row < crop.height(); row++) {
      int from = 3 * ((top + row) * photo.width() + left);
      if (!Arrays.equals(crop.rgb(), 3 * row * crop.width(), 3 * (row + 1) * crop.width(), photo.rgb(), from,
          from + 3 * crop.width())) {
        return false;
      }
    }
    return true;
  }

  private static RgbImage noise(int width, int height, long seed) {
    byte[] rgb = new byte[3 * width * height];
    new Random(seed).nextBytes(rgb);
    return new RgbImage(width, height, rgb);
  }
}
