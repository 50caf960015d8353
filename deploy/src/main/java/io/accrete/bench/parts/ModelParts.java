package io.accrete.bench.parts;

import io.accrete.bundle.Bundle;
import io.accrete.runtime.Device;
import io.accrete.runtime.Folded;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a model does, by batches, in one thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class ModelParts {
  private static final int IN_STATE = 4; // images

  @Param("")
  public String bundle;

  @Param("1")
  public int batch;

  private Model model;
  private ByteBuffer pixels;
  private List<float[]> states;
  private List<float[]> tokens;
  private long[] counts;

  /** Loads the model and makes images of noise: what is in them costs nothing. */
  @Setup
  public void load() {
    model = Model.load(Bundle.read(Path.of(bundle)), new RuntimeOptions(Device.CPU, 1));
    byte[] image = new byte[model.pixelBytes()];
    new Random(1).nextBytes(image);
    pixels = ByteBuffer.allocateDirect(batch * image.length);
    for (int i = 0; i < batch; i++) {
      pixels.put(image);
    }
    pixels.flip();
    float[] encoded = model.encode(List.of(image))[0];
    tokens = Collections.nCopies(batch, encoded);
    states = Collections.nCopies(batch, model.fold(null, encoded, 0).state());
    counts = new long[batch];
    Arrays.fill(counts, IN_STATE);
  }

  /** From pixels to tokens. */
  @Benchmark
  public float[][] encode() {
    return model.encode(pixels);
  }

  /** One image into each of several objects. */
  @Benchmark
  public List<Folded> fold() {
    return model.fold(states, tokens, counts);
  }

  @TearDown
  public void close() {
    model.close();
  }
}
