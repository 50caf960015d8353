package io.accrete.bench.parts;

import io.accrete.bundle.Bundle;
import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.Preprocessor;
import io.accrete.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** From a photo to what the encoder takes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class PhotoParts {
  /** A bundle, whose preprocessing it is. */
  @Param("")
  public String bundle;

  /** A directory of photos, which are taken in turn. */
  @Param("")
  public String photos;

  private final List<byte[]> files = new ArrayList<>();
  private Preprocessor preprocessor;
  private int next;

  /** Reads the photos. */
  @Setup
  public void read() throws IOException {
    preprocessor = new Preprocessor(Bundle.read(Path.of(bundle)).preprocessing());
    try (Stream<Path> all = Files.list(Path.of(photos))) {
      for (Path file : all.sorted().toList()) {
        files.add(Files.readAllBytes(file));
      }
    }
  }

  /** From a file to an image, every pixel of it. */
  @Benchmark
  public RgbImage decode() throws ImageException {
    return ImageDecoder.decode(next(), ImageLimits.LOCAL);
  }

  /** From a file to the square: decoded, of large photos no more than is needed, resized and cropped. */
  @Benchmark
  public byte[] pixels() throws ImageException {
    return preprocessor.pixels(next(), ImageLimits.LOCAL);
  }

  private byte[] next() {
    return files.get(next++ % files.size());
  }
}
