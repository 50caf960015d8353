package io.accrete.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.accrete.image.RgbImage;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanesTest {
  private static final String IMAGE =
      "200 30 60 10 250 128 127 127 127 0 0 0 255 255 255 90 140 240 17 99 3 255 128 0 60 60 200";

  /** Pillow's ImageEnhance, convert("L") and solarize; for hue Python's colorsys; for blur the sum over the square by definition. */
  @ParameterizedTest
  @CsvSource({
    "brightness,  .6, 120 18 36 6 150 76 76 76 76 0 0 0 153 153 153 54 84 144 10 59 1 153 76 0 36 36 120",
    "brightness, 1.4, 255 42 84 14 255 179 177 177 177 0 0 0 255 255 255 126 196 255 23 138 4 255 179 0 84 84 255",
    "contrast,    .6, 166 64 82 52 196 123 123 123 123 46 46 46 199 199 199 100 130 190 56 106 48 199 123 46 82 82 166",
    "contrast,   1.4, 233 0 37 0 255 132 131 131 131 0 0 0 255 255 255 79 149 255 0 91 0 255 132 0 37 37 233",
    "saturation,  .6, 153 51 69 71 215 142 127 127 127 0 0 0 255 255 255 108 138 198 35 85 27 213 137 60 66 66 150",
    "saturation, 1.4, 246 8 50 0 255 113 127 127 127 0 0 0 255 255 255 71 141 255 0 113 0 255 118 0 53 53 249",
    "hue,         .1, 200 102 30 10 228 250 127 127 127 0 0 0 255 255 255 130 90 240 3 99 47 229 255 0 144 60 200",
    "hue,        -.3, 34 30 200 250 176 10 127 127 127 0 0 0 255 255 255 110 240 90 99 8 3 179 0 255 60 200 88",
    "hue,         .5, 30 200 170 250 10 132 127 127 127 0 0 0 255 255 255 240 190 90 85 3 99 0 127 255 200 200 60",
    "blur,        .8, 116 128 105 120 168 146 119 179 175 120 123 93 140 156 141 139 163 180 124 117 67 154 138 116 151 139 163",
    "blur,         2, 132 147 132 134 149 134 132 148 134 133 147 133 134 150 135 133 148 136 132 146 132 134 149 133 133 147 134",
    "grey,         0, 84 84 84 164 164 164 127 127 127 0 0 0 255 255 255 136 136 136 64 64 64 151 151 151 76 76 76",
    "solarise,     0, 55 30 60 10 5 127 127 127 127 0 0 0 0 0 0 90 115 15 17 99 3 0 127 0 60 60 55",
  })
  void shouldAgreeWithPython(String operation, double amount, String expected) {
    Planes planes = Planes.of(new RgbImage(3, 3, bytes(IMAGE)), false);

    apply(planes, operation, amount);

    byte[] found = planes.bytes();
    byte[] wanted = bytes(expected);
    for (int i = 0; i < wanted.length; i++) { // Pillow rounds its means and down, we round to the nearest
      assertThat(found[i] & 0xff).as("value %d", i).isCloseTo(wanted[i] & 0xff, within(1));
    }
  }

  @Test
  void shouldExchangeLeftAndRight() {
    RgbImage image = noise(5, 1);

    byte[] flipped = Planes.of(image, true).bytes();

    assertThat(flipped).isNotEqualTo(image.rgb());
    for (int i = 0; i < flipped.length; i++) {
      int x = i / 3 % 5;
      assertThat(flipped[i]).isEqualTo(image.rgb()[i + (4 - 2 * x) * 3]);
    }
    assertThat(Planes.of(new RgbImage(5, 5, flipped), true).bytes()).isEqualTo(image.rgb());
  }

  @Property(tries = 100)
  void shouldTurnHuesBack(@ForAll @DoubleRange(min = -.5, max = .5) double turns, @ForAll long seed) {
    RgbImage image = noise(8, seed);
    Planes planes = Planes.of(image, false);

    planes.hue(turns);
    planes.hue(-turns);

    assertThat(planes.bytes()).isEqualTo(image.rgb());
  }

  @Property(tries = 50)
  void shouldKeepAPlainColourWhateverTheBlur(@ForAll @IntRange(min = 1, max = 12) int size,
      @ForAll @DoubleRange(min = .1, max = 2) double sigma, @ForAll byte value) {
    byte[] rgb = new byte[size * size * 3];
    Arrays.fill(rgb, value);
    Planes planes = Planes.of(new RgbImage(size, size, rgb), false);

    planes.blur(sigma);

    assertThat(planes.bytes()).containsOnly(value);
  }

  private static void apply(Planes planes, String operation, double amount) {
    switch (operation) {
      case "brightness" -> planes.brightness(amount);
      case "contrast" -> planes.contrast(amount);
      case "saturation" -> planes.saturation(amount);
      case "hue" -> planes.hue(amount);
      case "blur" -> planes.blur(amount);
      case "grey" -> planes.grey();
      case "solarise" -> planes.solarise();
      default -> throw new IllegalArgumentException(operation);
    }
  }

  private static RgbImage noise(int size, long seed) {
    byte[] rgb = new byte[size * size * 3];
    new Random(seed).nextBytes(rgb);
    return new RgbImage(size, size, rgb);
  }

  private static byte[] bytes(String numbers) {
    String[] parts = numbers.trim().split(" ");
    byte[] bytes = new byte[parts.length];
    for (int i = 0; i < parts.length; i++) {
      bytes[i] = (byte) Integer.parseInt(parts[i]);
    }
    return bytes;
  }
}
