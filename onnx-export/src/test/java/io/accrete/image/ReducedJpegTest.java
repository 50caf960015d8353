package io.accrete.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.bundle.Preprocessing;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReducedJpegTest {
  private static final int SIZE = 48;
  private static final int MOST = 5; // at an edge that is sharper than any lens makes it; 2 elsewhere
  private static final double MEAN = 0.25;
  private final Preprocessor preprocessor = new Preprocessor(Preprocessing.imageNet(SIZE, SIZE));

  @ParameterizedTest
  @CsvSource({"385, 401, 2", "769, 911, 4", "1537, 1601, 8", "1599, 2003, 8", "384, 384, 2", "1544, 1536, 8"})
  void shouldGiveThePixelsOfTheWholePhoto(int width, int height, int reduction) throws Exception {
    for (boolean progressive : new boolean[] {false, true}) {
      byte[] file = jpeg(photo(width, height, BufferedImage.TYPE_INT_RGB), progressive);
      assertThat(decoded(file, reduction).image().width()).isEqualTo((width + reduction - 1) / reduction);
      requireAlike(file);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void shouldFindThePhotoInItsPixelsWhicheverWayItIsHeld(int orientation) throws Exception {
    requireAlike(oriented(jpeg(photo(783, 941, BufferedImage.TYPE_INT_RGB), false), orientation));
  }

  @Test
  void shouldDecodeGrey() throws Exception {
    byte[] file = jpeg(photo(801, 799, BufferedImage.TYPE_BYTE_GRAY), false);
    assertThat(decoded(file, 4).image().width()).isEqualTo(201);
    requireAlike(file);
  }

  @Test
  void shouldDecodeSmallPhotosWhole() throws Exception {
    byte[] file = jpeg(photo(383, 500, BufferedImage.TYPE_INT_RGB), false);
    assertThat(preprocessor.pixels(file, ImageLimits.LOCAL)).isEqualTo(preprocessor.pixels(ImageDecoder.decode(file, ImageLimits.LOCAL)));
  }

  @Test
  void shouldLeaveWhatIsDoubtfulToThoseWhoDecodeItWhole() throws Exception {
    byte[] cmyk = SampleImages.read("cmyk.jpg");
    assertThat(decoded(cmyk, 2).image().rgb()).isEqualTo(ImageDecoder.decode(cmyk, ImageLimits.LOCAL).rgb());
    byte[] file = jpeg(photo(1000, 1000, BufferedImage.TYPE_INT_RGB), false);
    byte[] damaged = file.clone();
    Arrays.fill(damaged, file.length / 2, file.length / 2 + 400, (byte) 0x55);
    byte[] shortened = Arrays.copyOf(file, file.length / 2);
    shortened[shortened.length - 2] = (byte) 0xff;
    shortened[shortened.length - 1] = (byte) 0xd9; // an end, but too early
    assertThatThrownBy(() -> preprocessor.pixels(shortened, ImageLimits.LOCAL)).isInstanceOf(ImageException.class);
    requireAlikeOrRefused(damaged);
  }

  private void requireAlikeOrRefused(byte[] file) throws Exception {
    try {
      ImageDecoder.decode(file, ImageLimits.LOCAL);
    } catch (ImageException e) {
      assertThatThrownBy(() -> preprocessor.pixels(file, ImageLimits.LOCAL)).isInstanceOf(ImageException.class);
      return;
    }
    assertThat(preprocessor.pixels(file, ImageLimits.LOCAL)).hasSize(3 * SIZE * SIZE);
  }

  private void requireAlike(byte[] file) throws ImageException {
    byte[] whole = preprocessor.pixels(ImageDecoder.decode(file, ImageLimits.LOCAL));
    byte[] reduced = preprocessor.pixels(file, ImageLimits.LOCAL);
    int most = 0;
    long sum = 0;
    for (int i = 0; i < whole.length; i++) {
      int difference = Math.abs((whole[i] & 0xff) - (reduced[i] & 0xff));
      most = Math.max(most, difference);
      sum += difference;
    }
    assertThat(most).isLessThanOrEqualTo(MOST);
    assertThat((double) sum / whole.length).isLessThan(MEAN);
  }

  private static DecodedPhoto decoded(byte[] file, int reduction) throws ImageException {
    return ImageDecoder.decode(file, ImageLimits.LOCAL, (width, height) -> reduction);
  }

  /** Soft shapes, a perfectly sharp edge and the noise of a camera. */
  private static BufferedImage photo(int width, int height, int type) {
    BufferedImage image = new BufferedImage(width, height, type);
    Random random = new Random(width);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int base = x * 3 > y * 2 && x < width * 0.9 ? 170 : 60;
        int red = level(base + 40 * Math.sin(9.0 * x / width) + 8 * random.nextGaussian());
        int green = level(base + 40 * Math.cos(7.0 * y / height) + 8 * random.nextGaussian());
        int blue = level(200.0 * x / width + 8 * random.nextGaussian());
        image.setRGB(x, y, red << 16 | green << 8 | blue);
      }
    }
    return image;
  }

  private static int level(double value) {
    return (int) Math.max(0, Math.min(255, value));
  }

  private static byte[] jpeg(BufferedImage image, boolean progressive) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setProgressiveMode(progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** With an EXIF segment that says nothing else. */
  private static byte[] oriented(byte[] jpeg, int orientation) {
    ByteBuffer exif = ByteBuffer.allocate(36);
    exif.putShort((short) 0xffe1).putShort((short) 34).put(new byte[] {'E', 'x', 'i', 'f', 0, 0});
    exif.put(new byte[] {'M', 'M', 0, 42}).putInt(8).putShort((short) 1);
    exif.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) orientation).putShort((short) 0).putInt(0);
    return ByteBuffer.allocate(jpeg.length + exif.capacity()).put(jpeg, 0, 2).put(exif.array()).put(jpeg, 2, jpeg.length - 2).array();
  }
}
