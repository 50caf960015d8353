package io.accrete.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageLimits;
import io.accrete.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueTest {
  private final Catalogue catalogue = new Catalogue(7, 40);

  @Test
  void shouldRenderTheSameBytesAgainAndInOtherThreads() throws Exception {
    List<byte[]> expected = IntStream.range(0, 40).mapToObj(i -> catalogue.photo(i, i)).toList();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<byte[]>> tasks = IntStream.range(0, 40)
          .<Callable<byte[]>>mapToObj(i -> () -> new Catalogue(7, 40).photo(i, i)).toList();
      List<Future<byte[]>> found = threads.invokeAll(tasks);
      for (int i = 0; i < 40; i++) {
        assertThat(found.get(i).get()).isEqualTo(expected.get(i));
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void shouldNeverRenderTheSamePhotoTwice() {
    Set<Integer> photos = new HashSet<>();
    for (int product = 0; product < 40; product++) {
      for (int view = 0; view < 5; view++) {
        assertThat(photos.add(Arrays.hashCode(catalogue.photo(product, view)))).isTrue();
      }
    }
    assertThat(new Catalogue(8, 1).photo(0, 0)).isNotEqualTo(catalogue.photo(0, 0));
  }

  @Test
  void shouldNameProductsReadablyAndUniquely() {
    List<String> names = IntStream.range(0, 40).mapToObj(catalogue::objectId).toList();

    assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z]+-[a-z]+-[0-9]{2}"));
    assertThat(new Catalogue(7, 3).objectId(2)).as("a smaller catalogue is the beginning of a larger one").isEqualTo(names.get(2));
  }

  @Test
  void shouldLookMoreLikeItselfThanLikeOthers() throws Exception {
    int products = 24;
    int views = 8;
    double[][][] histograms = new double[products][views][];
    for (int product = 0; product < products; product++) {
      for (int view = 0; view < views; view++) {
        histograms[product][view] = centreColours(ImageDecoder.decode(catalogue.photo(product, view), ImageLimits.LOCAL));
      }
    }
    int nearest = 0;
    for (int product = 0; product < products; product++) {
      nearest += nearestOf(sum(histograms[product], 0, views / 2), histograms, views / 2) == product ? 1 : 0;
    }

    assertThat((double) nearest / products).as("plain colours of half of the photos find the other half, not always").isBetween(0.4, 0.99);
  }

  @Test
  void shouldWriteFoldersOfPhotos(@TempDir Path directory) throws IOException {
    new Catalogue(1, 2).writeTo(directory, 3);

    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile)).hasSize(6).allMatch(file -> file.getFileName().toString().matches("00[0-2]\\.jpg"));
    }
  }

  @Test
  void shouldRefuseAnEmptyCatalogue() {
    assertThatThrownBy(() -> new Catalogue(1, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  private static double[] centreColours(RgbImage image) {
    double[] histogram = new double[512];
    for (int y = image.height() / 4; y < image.height() * 3 / 4; y++) {
      for (int x = image.width() / 3; x < image.width() * 2 / 3; x++) {
        int i = (y * image.width() + x) * 3;
        histogram[(image.rgb()[i] & 0xe0) << 1 | (image.rgb()[i + 1] & 0xe0) >> 2 | (image.rgb()[i + 2] & 0xe0) >> 5]++;
      }
    }
    return histogram;
  }

  private static double[] sum(double[][] histograms, int from, int to) {
    double[] sum = new double[histograms[0].length];
    for (int view = from; view < to; view++) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += histograms[view][i];
      }
    }
    return sum;
  }

  private static int nearestOf(double[] query, double[][][] histograms, int from) {
    int best = 0;
    double least = Double.MAX_VALUE;
    for (int product = 0; product < histograms.length; product++) {
      double[] other = sum(histograms[product], from, histograms[product].length);
      double distance = IntStream.range(0, query.length).mapToDouble(i -> Math.abs(query[i] - other[i])).sum();
      if (distance < least) {
        least = distance;
        best = product;
      }
    }
    return best;
  }
}
