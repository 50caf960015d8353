package io.accrete.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.accrete.bundle.Preprocessing;
import io.accrete.bundle.Preprocessing.Resample;
import io.accrete.bundle.Preprocessing.Resize;
import io.accrete.image.ImageException.Reason;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageDecoderTest {
  private static final ImageLimits LIMITS = new ImageLimits(1 << 20, 1_000_000);

  @ParameterizedTest
  @CsvSource({
    "in3-lossless.webp, in3.png, 0",
    "in3-alpha-lossless.webp, in3.png, 0",
    "in3-alpha-lossy.webp, in3.png, 5",
    "animated.webp, gif.png, 0"
  })
  void shouldDecodeWebp(String file, String expected, int meanError) throws Exception {
    RgbImage found = ImageDecoder.decode(SampleImages.read(SampleImages.WEBP.resolve(file)), LIMITS);

    assertThat(meanError(found, golden(expected))).isLessThanOrEqualTo(meanError);
  }

  @Test
  void shouldDecodeProgressiveJpeg() throws Exception {
    BufferedImage image = ImageIO.read(SampleImages.DIRECTORY.resolve("in2.png").toFile());

    RgbImage found = ImageDecoder.decode(progressive(image), LIMITS);

    assertThat(meanError(found, golden("in2.png"))).isLessThan(6);
  }

  @Test
  void shouldTakeTheHighByteOfDeepPng() throws Exception {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
    image.getRaster().setPixels(0, 0, 3, 1, new int[] {0x00ff, 0x8001, 0xffff});

    assertThat(ImageDecoder.decode(png(image), LIMITS).rgb())
        .containsExactly(0, 0, 0, 0x80, 0x80, 0x80, 0xff, 0xff, 0xff);
  }

  @Test
  void shouldDropAlphaWithoutBlending() throws Exception {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x00_10_20_30);
    image.setRGB(1, 0, 0x80_40_50_60);

    assertThat(ImageDecoder.decode(png(image), LIMITS).rgb()).containsExactly(0x10, 0x20, 0x30, 0x40, 0x50, 0x60);
  }

  @Test
  void shouldDecodeGreyOfFewBitsAndGreyWithAlpha() throws Exception {
    BufferedImage bits = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY);
    bits.setRGB(1, 0, -1);
    BufferedImage greyAlpha = ImageTypeSpecifier.createGrayscale(8, java.awt.image.DataBuffer.TYPE_BYTE, false, false)
        .createBufferedImage(1, 1);
    WritableRaster raster = greyAlpha.getRaster();
    raster.setPixel(0, 0, new int[] {77, 5});

    assertThat(ImageDecoder.decode(png(bits), LIMITS).rgb()).containsExactly(0, 0, 0, 255, 255, 255);
    assertThat(ImageDecoder.decode(png(greyAlpha), LIMITS).rgb()).containsExactly(77, 77, 77);
  }

  @Test
  void shouldPutASmallGifFrameOnItsCanvas() throws Exception {
    byte[] gif = SampleImages.read("anim.gif");
    gif[6] = (byte) 130; // logical screen 130 x 100 around a frame of 120 x 90
    gif[8] = 100;

    RgbImage found = ImageDecoder.decode(gif, LIMITS);

    RgbImage expected = golden("gif.png");
    assertThat(found.width()).isEqualTo(130);
    assertThat(found.height()).isEqualTo(100);
    assertThat(Arrays.copyOf(found.rgb(), 360)).isEqualTo(Arrays.copyOf(expected.rgb(), 360));
  }

  @Test
  void shouldRefuseEmptyAndForeignBytes() {
    assertRefused(new byte[0], Reason.EMPTY);
    assertRefused("not an image at all".getBytes(StandardCharsets.UTF_8), Reason.UNSUPPORTED_FORMAT);
    assertRefused("<svg xmlns='http://www.w3.org/2000/svg'/>".getBytes(StandardCharsets.UTF_8), Reason.UNSUPPORTED_FORMAT);
    assertRefused(new byte[LIMITS.maxBytes() + 1], Reason.TOO_MANY_BYTES);
  }

  @Test
  void shouldRefuseBombsBeforeDecoding() throws IOException {
    byte[] png = SampleImages.read("in3.png");
    ByteBuffer.wrap(png).putInt(16, 50_000).putInt(20, 50_000);
    byte[] gifScreen = SampleImages.read("anim.gif");
    Arrays.fill(gifScreen, 6, 10, (byte) 0xff);
    byte[] jpeg = SampleImages.read("grey.jpg");
    ByteBuffer.wrap(jpeg).putInt(frameHeader(jpeg) + 5, 0xffff_ffff);
    byte[] webp = SampleImages.read(SampleImages.WEBP.resolve("animated.webp"));
    Arrays.fill(webp, 24, 30, (byte) 0xff);

    for (byte[] bomb : List.of(SampleImages.withPngChecksums(png), gifScreen, jpeg, webp)) {
      assertRefused(bomb, Reason.TOO_MANY_PIXELS);
    }
  }

  @Test
  void shouldRefuseASliverThatNoResizeCouldHold() throws Exception {
    Preprocessing both = new Preprocessing(Resize.BOTH_EDGES, 224, 224, Resample.BILINEAR, 1, Preprocessing.IMAGENET_MEAN,
        Preprocessing.IMAGENET_STD);
    byte[] tall = png(new BufferedImage(1, 65_535, BufferedImage.TYPE_BYTE_GRAY));
    assertThat(new Preprocessor(both).pixels(tall, LIMITS)).hasSize(224 * 224 * 3);
    assertRefused(png(new BufferedImage(1, 65_536, BufferedImage.TYPE_BYTE_GRAY)), Reason.TOO_MANY_PIXELS);
    assertRefused(png(new BufferedImage(65_536, 1, BufferedImage.TYPE_BYTE_GRAY)), Reason.TOO_MANY_PIXELS);
  }

  @Test
  void shouldRefuseMoreScansThanAnyEncoderWrites() throws IOException {
    byte[] jpeg = progressive(ImageIO.read(SampleImages.DIRECTORY.resolve("in3.png").toFile()));
    int lastScan = jpeg.length - 2;
    while (jpeg[lastScan] != (byte) 0xff || jpeg[lastScan + 1] != (byte) 0xda) {
      lastScan--;
    }
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    bomb.write(jpeg, 0, lastScan);
    for (int i = 0; i < 1000; i++) {
      bomb.write(jpeg, lastScan, jpeg.length - 2 - lastScan);
    }
    bomb.write(jpeg, jpeg.length - 2, 2);

    assertRefused(bomb.toByteArray(), Reason.CORRUPT);
  }

  @Test
  void shouldRefuseAJpegThatEndsEarlyThoughProperlyClosed() throws IOException {
    byte[] jpeg = SampleImages.read("exif1.jpg");
    byte[] closed = Arrays.copyOf(jpeg, jpeg.length / 2);
    closed[closed.length - 2] = (byte) 0xff;
    closed[closed.length - 1] = (byte) 0xd9;

    assertRefused(closed, Reason.CORRUPT);
  }

  @Test
  void shouldRefuseALosslessWebpWhoseHeaderPromisesMorePixels() throws IOException {
    byte[] webp = SampleImages.read(SampleImages.WEBP.resolve("in3-lossless.webp"));
    ByteBuffer header = ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(21, header.getInt(21) & 0xf000_0000 | 999 << 14 | 999);

    assertRefused(webp, Reason.CORRUPT);
  }

  @Test
  void shouldIgnoreWhatFollowsTheImage() throws Exception {
    byte[] jpeg = SampleImages.read("exif1.jpg");

    assertThat(ImageDecoder.decode(Arrays.copyOf(jpeg, jpeg.length + 1000), LIMITS).rgb()).isEqualTo(golden("exif1.png").rgb());
  }

  @Test
  void shouldDecodeInManyThreads() throws Exception {
    List<byte[]> files = List.of(SampleImages.read("exif6.jpg"), SampleImages.read("photo.webp"), SampleImages.read("palette.png"));
    List<byte[]> expected = List.of(decode(files.get(0)), decode(files.get(1)), decode(files.get(2)));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<byte[]>> tasks = IntStream.range(0, 240).<Callable<byte[]>>mapToObj(i -> () -> decode(files.get(i % 3))).toList();
      List<Future<byte[]>> results = threads.invokeAll(tasks);
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get()).isEqualTo(expected.get(i % 3));
      }
    } finally {
      threads.shutdown();
    }
  }

  private static byte[] decode(byte[] file) throws ImageException {
    return ImageDecoder.decode(file, LIMITS).rgb();
  }

  private static RgbImage golden(String name) throws Exception {
    return ImageDecoder.decode(SampleImages.read(name), LIMITS);
  }

  private static void assertRefused(byte[] file, Reason reason) {
    assertThatThrownBy(() -> ImageDecoder.decode(file, LIMITS))
        .asInstanceOf(type(ImageException.class)).extracting(ImageException::reason).isEqualTo(reason);
  }

  private static double meanError(RgbImage found, RgbImage expected) {
    assertThat(List.of(found.width(), found.height())).isEqualTo(List.of(expected.width(), expected.height()));
    return IntStream.range(0, found.rgb().length)
        .mapToDouble(i -> Math.abs((found.rgb()[i] & 0xff) - (expected.rgb()[i] & 0xff))).average().orElseThrow();
  }

  private static int frameHeader(byte[] jpeg) {
    int at = 2;
    while (Bytes.u8(jpeg, at + 1) != 0xc0) {
      at += 2 + Bytes.u16be(jpeg, at + 2);
    }
    return at;
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, "png", out)).isTrue();
    return out.toByteArray();
  }

  private static byte[] progressive(BufferedImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      writer.write(null, new IIOImage(image, null, null), param);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }
}
