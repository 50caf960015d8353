package io.accrete.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.accrete.bundle.Preprocessing.Resample;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResamplerTest {
  /** The checksums are of the bytes that Pillow 12.3 makes of the same image by {@code image.resize((width, height), filter, box)}. */
  @ParameterizedTest
  @CsvSource({
    "BILINEAR, 3, 5, 30, 21, 16, 24, 95606332",
    "BILINEAR, 0, 0, 41, 29, 9, 50, 4165889900",
    "BILINEAR, 2.25, 1.5, 33.125, 28.75, 20, 20, 1394450676",
    "BILINEAR, 10, 10, 10.5, 10.25, 5, 4, 3950980528",
    "BILINEAR, 7, 8, 23, 24, 16, 16, 185477303",
    "BICUBIC, 3, 5, 30, 21, 16, 24, 1968082961",
    "BICUBIC, 0, 0, 41, 29, 9, 50, 3713438832",
    "BICUBIC, 2.25, 1.5, 33.125, 28.75, 20, 20, 3943106385",
    "BICUBIC, 10, 10, 10.5, 10.25, 5, 4, 954297172",
    "BICUBIC, 7, 8, 23, 24, 16, 16, 185477303",
  })
  void shouldResizeABoxAsPillowDoes(
      Resample filter, float left, float top, float right, float bottom, int width, int height, long checksum) {
    byte[] rgb = new byte[41 * 29 * 3];
    for (int i = 0; i < rgb.length; i++) {
      int x = i / 3 % 41;
      int y = i / 3 / 41;
      rgb[i] = (byte) (x * x * 7 + y * y * 13 + x * y * 3 + i % 3 * 85);
    }

    RgbImage found = Resampler.resize(new RgbImage(41, 29, rgb), filter, new Box(left, top, right, bottom), width, height);

    CRC32 sum = new CRC32();
    sum.update(found.rgb());
    assertThat(sum.getValue()).isEqualTo(checksum);
  }

  @Property(tries = 200)
  void shouldSeeOnlyTheBoxAndWhatTheFilterReachesAroundIt(@ForAll @IntRange(min = 1, max = 40) int width,
      @ForAll @IntRange(min = 1, max = 40) int height, @ForAll @IntRange(min = 1, max = 30) int to, @ForAll Resample filter,
      @ForAll long seed) {
    Random random = new Random(seed);
    RgbImage image = new RgbImage(60, 70, new byte[60 * 70 * 3]);
    random.nextBytes(image.rgb());
    int left = random.nextInt(60 - width + 1);
    int top = random.nextInt(70 - height + 1);
    int reach = 2 * Math.max(1, (Math.max(width, height) + to - 1) / to) + 1;
    int cropLeft = Math.max(0, left - reach);
    int cropTop = Math.max(0, top - reach);
    RgbImage crop = crop(image, cropLeft, cropTop, Math.min(60, left + width + reach), Math.min(70, top + height + reach));

    RgbImage found = Resampler.resize(image, filter, new Box(left, top, left + width, top + height), to, to);

    RgbImage expected = Resampler.resize(crop, filter,
        new Box(left - cropLeft, top - cropTop, left - cropLeft + width, top - cropTop + height), to, to);
    for (int i = 0; i < found.rgb().length; i++) { // 1: the same places, counted from elsewhere, are rounded differently
      assertThat(Math.abs((found.rgb()[i] & 0xff) - (expected.rgb()[i] & 0xff))).isLessThanOrEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {-0.1f, 5, 7.1f, Float.NaN})
  void shouldRefuseABoxThatIsEmptyOrLeadsOutside(float left) {
    RgbImage image = new RgbImage(7, 7, new byte[7 * 7 * 3]);

    assertThatIllegalArgumentException().isThrownBy(() -> Resampler.resize(image, Resample.BICUBIC, new Box(left, 0, 5, 5), 4, 4))
        .withMessageContaining("inside 7 x 7");
  }

  private static RgbImage crop(RgbImage image, int left, int top, int right, int bottom) {
    byte[] rgb = new byte[(right - left) * (bottom - top) * 3];
    for (int y = top; y < bottom; y++) {
      byte[] row = Arrays.copyOfRange(image.rgb(), (y * image.width() + left) * 3, (y * image.width() + right) * 3);
      System.arraycopy(row, 0, rgb, (y - top) * row.length, row.length);
    }
    return new RgbImage(right - left, bottom - top, rgb);
  }
}
