package io.accrete.trainer.data;

import io.accrete.image.RgbImage;
import java.util.Arrays;

/**
 * The colours of a square image, one array each of values from 0 to 255, in which every operation is a loop that the compiler turns into
 * vector instructions. Operations change the image.
 */
final class Planes {
  private static final float RED = 0.299f; // of luminance, ITU-R BT.601
  private static final float GREEN = 0.587f;
  private static final float BLUE = 0.114f;

  private final int size;
  private final float[] red;
  private final float[] green;
  private final float[] blue;

  private Planes(int size) {
    this.size = size;
    this.red = new float[size * size];
    this.green = new float[size * size];
    this.blue = new float[size * size];
  }

  /** The planes of a square image, left and right exchanged if so wished. */
  static Planes of(RgbImage image, boolean flip) {
    Planes planes = new Planes(image.width());
    byte[] rgb = image.rgb();
    int step = flip ? -1 : 1;
    for (int y = 0, i = 0; y < planes.size; y++) {
      int at = flip ? (y + 1) * planes.size - 1 : y * planes.size;
      for (int x = 0; x < planes.size; x++, at += step, i += 3) {
        planes.red[at] = rgb[i] & 0xff;
        planes.green[at] = rgb[i + 1] & 0xff;
        planes.blue[at] = rgb[i + 2] & 0xff;
      }
    }
    return planes;
  }

  /** Rounded, row after row, red first. */
  byte[] bytes() {
    byte[] rgb = new byte[red.length * 3];
    for (int at = 0, i = 0; at < red.length; at++, i += 3) {
      rgb[i] = (byte) (red[at] + 0.5f);
      rgb[i + 1] = (byte) (green[at] + 0.5f);
      rgb[i + 2] = (byte) (blue[at] + 0.5f);
    }
    return rgb;
  }

  /** Away from black by a factor of at least 0. */
  void brightness(double factor) {
    awayFrom(0, (float) factor);
  }

  /** Away from the mean luminance by a factor of at least 0. */
  void contrast(double factor) {
    if (factor != 1) {
      double sum = 0;
      for (int i = 0; i < red.length; i++) {
        sum += luminance(i);
      }
      awayFrom((float) (sum / red.length), (float) factor);
    }
  }

  private void awayFrom(float level, float factor) {
    if (factor != 1) {
      awayFrom(level, factor, red);
      awayFrom(level, factor, green);
      awayFrom(level, factor, blue);
    }
  }

  private static void awayFrom(float level, float factor, float[] plane) {
    float offset = level * (1 - factor);
    for (int i = 0; i < plane.length; i++) {
      plane[i] = clamp(plane[i] * factor + offset);
    }
  }

  /** Away from each pixel's grey by a factor of at least 0. */
  void saturation(double factor) {
    if (factor == 1) {
      return;
    }
    float colour = (float) factor;
    float none = 1 - colour;
    for (int i = 0; i < red.length; i++) {
      float grey = luminance(i) * none;
      red[i] = clamp(red[i] * colour + grey);
      green[i] = clamp(green[i] * colour + grey);
      blue[i] = clamp(blue[i] * colour + grey);
    }
  }

  /** Every hue moved along the colour circle, by turns of at most a half either way; the largest and the smallest value stay. */
  void hue(double turns) {
    if (turns == 0) {
      return;
    }
    float sixths = (float) (6 * turns);
    for (int i = 0; i < red.length; i++) {
      float r = red[i];
      float g = green[i];
      float b = blue[i];
      float max = Math.max(r, Math.max(g, b));
      float chroma = max - Math.min(r, Math.min(g, b));
      if (chroma > 0) {
        float hue = sixths + (max == r ? (g - b) / chroma : max == g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma);
        red[i] = max - chroma * absence(hue + 5);
        green[i] = max - chroma * absence(hue + 3);
        blue[i] = max - chroma * absence(hue + 1);
      }
    }
  }

  /** How much of a colour lacks, 0 to 1, at a place on the circle of six: a trapezium that is 1 from 1 to 3 and 0 from 4 to 6. */
  private static float absence(float place) {
    float around = place + 6; // at least 2
    float sixth = around - 6 * (int) (around * (1 / 6f));
    return Math.max(0, Math.min(1, Math.min(sixth, 4 - sixth)));
  }

  /** The luminance in all colours. */
  void grey() {
    for (int i = 0; i < red.length; i++) {
      float grey = clamp(luminance(i)); // the weights' sum, rounded, may exceed 1
      red[i] = grey;
      green[i] = grey;
      blue[i] = grey;
    }
  }

  /** A Gaussian that reaches two sigmas, at least one pixel; mirrored at the edges. */
  void blur(double sigma) {
    int reach = (int) Math.max(1, Math.ceil(2 * sigma));
    float[] weights = new float[2 * reach + 1];
    double sum = 0;
    for (int k = -reach; k <= reach; k++) {
      sum += StrictMath.exp(-k * k / (2 * sigma * sigma));
    }
    for (int k = -reach; k <= reach; k++) {
      weights[k + reach] = (float) (StrictMath.exp(-k * k / (2 * sigma * sigma)) / sum);
    }
    float[] scratch = new float[red.length];
    float[] line = new float[size + 2 * reach];
    for (float[] plane : new float[][] {red, green, blue}) {
      across(plane, scratch, line, weights);
      down(scratch, plane, weights);
    }
  }

  private void across(float[] in, float[] out, float[] line, float[] weights) {
    int reach = weights.length / 2;
    for (int row = 0; row < in.length; row += size) {
      System.arraycopy(in, row, line, reach, size);
      for (int k = 1; k <= reach; k++) {
        line[reach - k] = in[row + mirrored(-k)];
        line[reach + size - 1 + k] = in[row + mirrored(size - 1 + k)];
      }
      Arrays.fill(out, row, row + size, 0);
      for (int k = 0; k < weights.length; k++) {
        add(weights[k], line, k, out, row);
      }
    }
  }

  private void down(float[] in, float[] out, float[] weights) {
    int reach = weights.length / 2;
    for (int y = 0; y < size; y++) {
      Arrays.fill(out, y * size, (y + 1) * size, 0);
      for (int k = -reach; k <= reach; k++) {
        add(weights[k + reach], in, mirrored(y + k) * size, out, y * size);
      }
      for (int i = y * size; i < (y + 1) * size; i++) {
        out[i] = clamp(out[i]);
      }
    }
  }

  private void add(float weight, float[] in, int from, float[] out, int to) {
    for (int x = 0; x < size; x++) {
      out[to + x] += weight * in[from + x];
    }
  }

  /** The place inside the edge that a place outside mirrors; the edge itself is not repeated. */
  private int mirrored(int at) {
    int period = Math.max(1, 2 * (size - 1));
    int within = Math.floorMod(at, period);
    return Math.min(within, period - within);
  }

  /** The brighter half of the values inverted. */
  void solarise() {
    for (float[] plane : new float[][] {red, green, blue}) {
      for (int i = 0; i < plane.length; i++) {
        plane[i] = plane[i] >= 128 ? 255 - plane[i] : plane[i];
      }
    }
  }

  private float luminance(int i) {
    return RED * red[i] + GREEN * green[i] + BLUE * blue[i];
  }

  private static float clamp(float value) {
    return Math.max(0, Math.min(255, value));
  }
}
