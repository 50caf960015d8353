package io.accrete.catalogue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A catalogue of made-up products that can be told apart, and any number of photos of each: other viewpoints, light, backgrounds and
 * neighbours. The same seed, product and view give the same bytes on one Java runtime. Safe for many threads.
 */
public final class Catalogue {
  /** Side of the photos, in pixels. */
  public static final int SIZE = 256;
  private static final float JPEG_QUALITY = 0.88f;

  private final long seed;
  private final List<Product> products;

  /** A catalogue of so many products, at least 1; those of a larger one begin with those of a smaller one. */
  public Catalogue(long seed, int products) {
    if (products < 1) {
      throw new IllegalArgumentException("Expected at least 1 product, found " + products + ".");
    }
    this.seed = seed;
    this.products = IntStream.range(0, products).mapToObj(number -> Product.of(seed, number)).toList();
  }

  /** Number of products. */
  public int size() {
    return products.size();
  }

  /** Name of a product, such as {@code teal-bottle-07}; unique in the catalogue. */
  public String objectId(int product) {
    return products.get(product).id();
  }

  /** A photo: the bytes of a JPEG file of {@value #SIZE} by {@value #SIZE} pixels. */
  public byte[] photo(int product, int view) {
    return jpeg(render(product, view));
  }

  /** Writes {@code directory/<object id>/<view>.jpg}, as many views of every product. */
  public void writeTo(Path directory, int photosPerProduct) throws IOException {
    for (int product = 0; product < size(); product++) {
      Path folder = Files.createDirectories(directory.resolve(objectId(product)));
      for (int view = 0; view < photosPerProduct; view++) {
        Files.write(folder.resolve("%03d.jpg".formatted(view)), photo(product, view));
      }
    }
  }

  BufferedImage render(int product, int view) {
    Product neighbour = products.get(Math.floorMod(product + 1 + view, size()));
    return new Photo(SIZE, Seeds.mix(seed, product, view)).of(products.get(product), neighbour);
  }

  private static byte[] jpeg(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(SIZE * SIZE / 4);
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(stream);
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(JPEG_QUALITY);
      writer.write(null, new IIOImage(image, null, null), param);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
