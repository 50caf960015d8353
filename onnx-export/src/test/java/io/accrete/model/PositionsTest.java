package io.accrete.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.accrete.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PositionsTest {
  @ParameterizedTest
  @CsvSource({"in1.png, out1.png", "in5.png, out5.png"})
  void shouldAgreeWithPillowWhenAntialiased(String input, String output) throws IOException {
    BufferedImage in = image(input);
    BufferedImage out = image(output);
    Tensor matrix = Positions.matrix(in.getWidth(), out.getWidth(), true);
    for (int channel = 0; channel < 3; channel++) {
      double[][] found = times(matrix, transposed(times(matrix, transposed(plane(in, channel)))));
      double[][] expected = plane(out, channel);
      for (int y = 0; y < expected.length; y++) {
        for (int x = 0; x < expected.length; x++) {
          assertThat(found[y][x]).isCloseTo(expected[y][x], within(1.0));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"4, 6, true", "4, 6, false", "16, 37, true", "37, 16, true", "37, 16, false", "1, 5, true", "1, 5, false"})
  void shouldKeepAConstantTable(int from, int to, boolean antialias) {
    Tensor matrix = Positions.matrix(from, to, antialias);
    for (int row = 0; row < to; row++) {
      double sum = 0;
      for (int column = 0; column < from; column++) {
        sum += matrix.values()[row * from + column];
      }
      assertThat(sum).isCloseTo(1, within(1e-6));
    }
  }

  @Test
  void shouldUseTheKernelsOfPyTorch() {
    // Four taps at a quarter between the second and the third position: a = -0.75 plain, a = -0.5 antialiased.
    float[] plain = Positions.matrix(8, 16, false).values();
    float[] antialiased = Positions.matrix(8, 16, true).values();
    int row = 7 * 8;
    assertThat(plain[row + 3]).isCloseTo(0.8789f, within(1e-4f));
    assertThat(antialiased[row + 3]).isCloseTo(0.8672f, within(1e-4f));
  }

  private static BufferedImage image(String name) throws IOException {
    return ImageIO.read(PositionsTest.class.getResource("/vectors/preprocess/" + name));
  }

  private static double[][] plane(BufferedImage image, int channel) {
    double[][] plane = new double[image.getHeight()][image.getWidth()];
    for (int y = 0; y < plane.length; y++) {
      for (int x = 0; x < plane[y].length; x++) {
        plane[y][x] = image.getRGB(x, y) >> (16 - 8 * channel) & 0xFF;
      }
    }
    return plane;
  }

  private static double[][] times(Tensor matrix, double[][] columns) {
    int to = matrix.shape()[0];
    int from = matrix.shape()[1];
    double[][] result = new double[to][columns[0].length];
    for (int i = 0; i < to; i++) {
      for (int j = 0; j < from; j++) {
        for (int k = 0; k < result[i].length; k++) {
          result[i][k] += matrix.values()[i * from + j] * columns[j][k];
        }
      }
      // Pillow keeps bytes after each of its two passes.
      result[i] = Arrays.stream(result[i]).map(value -> Math.min(Math.max(Math.floor(value + 0.5), 0), 255)).toArray();
    }
    return result;
  }

  private static double[][] transposed(double[][] rows) {
    double[][] result = new double[rows[0].length][rows.length];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        result[j][i] = rows[i][j];
      }
    }
    return result;
  }
}
