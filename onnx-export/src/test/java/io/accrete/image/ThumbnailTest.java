package io.accrete.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.data.Percentage.withPercentage;

import io.accrete.bundle.Preprocessing.Resample;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThumbnailTest {
  private static final ImageLimits LIMITS = new ImageLimits(1 << 20, 50_000_000);

  @ParameterizedTest
  @ValueSource(strings = {"exif1.jpg", "exif6.jpg", "grey.jpg", "cmyk.jpg", "photo.webp", "palette.png", "anim.gif"})
  void shouldMakeASmallUprightJpegOfEveryFormat(String name) throws Exception {
    byte[] file = SampleImages.read(name);
    RgbImage photo = ImageDecoder.decode(file, LIMITS);
    RgbImage small = ImageDecoder.decode(Thumbnail.jpeg(file, LIMITS, 20), LIMITS);
    assertThat(Math.max(small.width(), small.height())).isEqualTo(20);
    assertThat((double) small.width() / small.height()).isCloseTo((double) photo.width() / photo.height(),
        withPercentage(10));
    assertThat(difference(small, Resampler.resize(photo, Resample.BICUBIC, small.width(), small.height()))).isLessThan(12);
  }

  @Test
  void shouldNotEnlarge() throws Exception {
    byte[] file = SampleImages.read("exif6.jpg");
    RgbImage photo = ImageDecoder.decode(file, LIMITS);
    RgbImage same = ImageDecoder.decode(Thumbnail.jpeg(file, LIMITS, 5000), LIMITS);
    assertThat(same.width()).isEqualTo(photo.width());
    assertThat(same.height()).isEqualTo(photo.height());
  }

  @Test
  void shouldShowAllOfALargePhoto() throws Exception {
    BufferedImage large = new BufferedImage(1601, 803, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = large.createGraphics();
    graphics.setPaint(new GradientPaint(0, 0, Color.RED, 1601, 803, Color.BLUE));
    graphics.fillRect(0, 0, 1601, 803);
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(large, "jpg", jpeg);
    RgbImage small = ImageDecoder.decode(Thumbnail.jpeg(jpeg.toByteArray(), LIMITS, 64), LIMITS);
    assertThat(small.width()).isEqualTo(64);
    assertThat(small.height()).isEqualTo(32);
    RgbImage whole = ImageDecoder.decode(jpeg.toByteArray(), LIMITS);
    assertThat(difference(small, Resampler.resize(whole, Resample.BICUBIC, 64, 32))).isLessThan(4);
  }

  @Test
  void shouldRefuseWhatIsNoImageOrTooLarge() {
    assertThatExceptionOfType(ImageException.class).isThrownBy(() -> Thumbnail.jpeg(new byte[] {1, 2, 3}, LIMITS, 64));
    assertThatExceptionOfType(ImageException.class)
        .isThrownBy(() -> Thumbnail.jpeg(SampleImages.read("exif1.jpg"), new ImageLimits(1 << 20, 100), 64));
  }

  @Test
  void shouldTellTheMediaTypeByTheFirstBytes() throws Exception {
    assertThat(ImageDecoder.mediaType(SampleImages.read("exif1.jpg"))).contains("image/jpeg");
    assertThat(ImageDecoder.mediaType(SampleImages.read("photo.webp"))).contains("image/webp");
    assertThat(ImageDecoder.mediaType(SampleImages.read("palette.png"))).contains("image/png");
    assertThat(ImageDecoder.mediaType(SampleImages.read("anim.gif"))).contains("image/gif");
    assertThat(ImageDecoder.mediaType("<svg onload=alert(1)>".getBytes(StandardCharsets.UTF_8))).isEmpty();
    assertThat(ImageDecoder.mediaType(new byte[0])).isEmpty();
  }

  private static double difference(RgbImage a, RgbImage b) {
    long sum = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      sum += Math.abs((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff));
    }
    return (double) sum / a.rgb().length;
  }
}
