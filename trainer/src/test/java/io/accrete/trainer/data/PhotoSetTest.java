package io.accrete.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.accrete.bundle.Preprocessing.Resample;
import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageLimits;
import io.accrete.image.PhotoFolder;
import io.accrete.image.Resampler;
import io.accrete.image.RgbImage;
import io.accrete.retrieval.Photo;
import io.accrete.trainer.data.PhotoSet.Listener;
import io.accrete.trainer.data.PhotoSet.Memory;
import io.accrete.trainer.data.PhotoSet.PhotoObject;
import io.accrete.trainer.data.PhotoSet.Source;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class PhotoSetTest {
  private static final Memory MEMORY = new Memory(16, 1 << 20, 2);

  private final Progress progress = new Progress();

  @Test
  void shouldHoldWhatIsNotHeldBackReducedAndInOrder(@TempDir Path dir) throws Exception {
    int[][] sizes = {{40, 20}, {20, 41}, {16, 16}, {5, 9}, {1, 1}};
    for (int object = 0; object < 20; object++) {
      for (int photo = 0; photo < sizes.length; photo++) {
        Path file = dir.resolve("o" + object).resolve(photo + ".png");
        Files.createDirectories(file.getParent());
        Files.write(file, png(sizes[photo][0], sizes[photo][1], object * 10L + photo));
      }
    }

    PhotoSet set;
    try (PhotoFolder folder = PhotoFolder.scan(dir)) {
      set = PhotoSet.read(List.of(Source.of("", folder)), .3, ImageLimits.LOCAL, MEMORY, progress);
    }

    assertThat(set.heldBack()).isNotEmpty().allSatisfy((id, photos) -> {
      assertThat(Split.heldBack(id, .3)).isTrue();
      assertThat(photos).hasSize(5);
    });
    assertThat(set.training()).hasSize(20 - set.heldBack().size()).extracting(PhotoObject::id).isSorted()
        .allMatch(id -> !Split.heldBack(id, .3));
    for (PhotoObject object : set.training()) {
      assertThat(object.photos()).extracting(photo -> photo.width() + "x" + photo.height())
          .containsExactly("32x16", "16x33", "16x16", "5x9", "1x1");
      RgbImage original = ImageDecoder.decode(Files.readAllBytes(dir.resolve(object.id()).resolve("0.png")), ImageLimits.LOCAL);
      assertThat(object.photos().get(0).rgb()).isEqualTo(Resampler.resize(original, Resample.BICUBIC, 32, 16).rgb());
    }
    assertThat(progress.photos).isEqualTo(set.training().size() * 5L).isEqualTo(progress.read);
  }

  @Test
  void shouldBeTheSameHoweverManyThreadsRead() throws Exception {
    List<Source> sources = List.of(source("", 30, 4));

    PhotoSet one = PhotoSet.read(sources, 0, ImageLimits.LOCAL, new Memory(8, 1 << 20, 1), progress);
    PhotoSet several = PhotoSet.read(sources, 0, ImageLimits.LOCAL, new Memory(8, 1 << 20, 5), progress);

    assertThat(several.training()).usingRecursiveComparison().isEqualTo(one.training());
  }

  @Test
  void shouldSplitByTheIdInTheSourceAndTellSourcesApartByPrefix() throws Exception {
    PhotoSet set = PhotoSet.read(
        List.of(source("a/", 40, 1), source("b/", 40, 1)), .5, ImageLimits.LOCAL, MEMORY, progress);

    assertThat(set.training().size() + set.heldBack().size()).isEqualTo(80);
    assertThat(set.heldBack().keySet()).isNotEmpty().allMatch(id -> Split.heldBack(id.substring(2), .5));
    assertThat(set.training()).extracting(PhotoObject::id).isNotEmpty().noneMatch(id -> Split.heldBack(id.substring(2), .5));
    assertThatIllegalArgumentException().isThrownBy(() -> PhotoSet.read(
        List.of(source("", 2, 1), source("", 1, 1)), .5, ImageLimits.LOCAL, MEMORY, progress)).withMessageContaining("'object-0'");
  }

  @Test
  void shouldLeaveOutBrokenPhotosWithAWarningForTheFirst() throws Exception {
    List<Photo> photos = new ArrayList<>(Collections.nCopies(12, new Photo("text", () -> new byte[] {1, 2, 3})));
    photos.add(new Photo("gone", () -> {
      throw new IOException("no such file");
    }));
    photos.add(new Photo("good", () -> png(4, 4, 1)));
    Map<String, List<Photo>> objects = Map.of("mixed", photos, "broken", photos.subList(0, 2));
    ListAppender<ILoggingEvent> warnings = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(PhotoSet.class);
    warnings.start();
    logger.addAppender(warnings);
    try {
      PhotoSet set = PhotoSet.read(List.of(new Source("", objects)), 0, ImageLimits.LOCAL, MEMORY, progress);

      assertThat(set.training()).extracting(PhotoObject::id).containsExactly("mixed");
      assertThat(set.training().get(0).photos()).hasSize(1);
      assertThat(warnings.list).hasSize(11);
      assertThat(warnings.list.get(0).getFormattedMessage()).contains("text: ");
      assertThat(warnings.list.get(10).getFormattedMessage()).contains("5 more");
      assertThat(progress.read).isEqualTo(16);
    } finally {
      logger.detachAppender(warnings);
    }
  }

  @Test
  void shouldSayThatPhotosTakeMoreMemoryThanTheyMay() throws Exception {
    List<Source> sources = List.of(source("", 10, 2)); // of 8 x 8

    assertThat(PhotoSet.read(sources, 0, ImageLimits.LOCAL, new Memory(8, 20 * 192, 2), progress).training()).hasSize(10);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PhotoSet.read(sources, 0, ImageLimits.LOCAL, new Memory(8, 20 * 192 - 1, 2), progress))
        .withMessageContaining("at most 3,839 bytes").withMessageContaining("at most 8 pixels").withMessageContaining("fewer photos");
  }

  @Test
  void shouldPassOverObjectsWithFewPhotosWhereSetsAreNeeded() throws Exception {
    Map<String, List<Photo>> objects = new TreeMap<>();
    objects.put("one", photos(1));
    objects.put("two", photos(2));
    objects.put("thousand", photos(1000));
    PhotoSet set = PhotoSet.read(List.of(new Source("", objects)), 0, ImageLimits.LOCAL, MEMORY, progress);

    assertThat(set.training()).hasSize(3);
    assertThat(set.withAtLeast(2)).extracting(PhotoObject::id).containsExactly("thousand", "two");
    assertThatIllegalArgumentException().isThrownBy(() -> set.withAtLeast(1001)).withMessageContaining("the largest has 1000");
  }

  @Test
  void shouldSayWhyThereIsNothingToTrainOn() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PhotoSet.read(List.of(source("", 3, 1)), 1, ImageLimits.LOCAL, MEMORY, progress))
        .withMessageContaining("of 3 objects 3 are held back");
  }

  private static Source source(String prefix, int objects, int photos) throws IOException {
    Map<String, List<Photo>> byId = new TreeMap<>();
    for (int object = 0; object < objects; object++) {
      byId.put("object-" + object, photos(photos));
    }
    return new Source(prefix, byId);
  }

  private static List<Photo> photos(int count) throws IOException {
    List<Photo> photos = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] file = png(8, 8, i);
      photos.add(new Photo(i + ".png", () -> file));
    }
    return photos;
  }

  private static byte[] png(int width, int height, long seed) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(seed);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static final class Progress implements Listener {
    private long photos;
    private long read;

    @Override
    public void begins(long count) {
      photos = count;
    }

    @Override
    public void read() {
      read++;
    }
  }
}
