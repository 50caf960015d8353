package io.accrete.trainer.buffer;

import static io.accrete.trainer.buffer.BufferAssertions.assertHolds;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that fills a buffer is killed again and again; what it leaves is the state after some set, exactly. */
class KilledWriterTest {
  private static final BufferLimits LIMITS = new BufferLimits(100_000, 20);
  private static final int KILLS = 4;

  @TempDir private Path dir;

  /** Directory: adds sets from where the buffer ends, until it is killed. */
  public static void main(String[] args) throws Exception {
    try (ImageSetBuffer buffer = ImageSetBuffer.open(Path.of(args[0]), LIMITS)) {
      for (long number = next(buffer); ; number++) {
        SampleSets.add(buffer, number);
      }
    }
  }

  private static long next(ImageSetBuffer buffer) {
    return buffer.offset(SampleSets.TOPIC, 0).orElse(0);
  }

  @Test
  void shouldHoldTheStateAfterTheLastSetThatIsComplete() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("KilledWriterTest seed " + seed);
    Random random = new Random(seed);
    Path directory = dir.resolve("buffer");
    SampleSets.Model model = new SampleSets.Model();
    long done = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      killAfter(random.nextInt(200_000), directory);
      try (ImageSetBuffer buffer = ImageSetBuffer.open(directory, LIMITS)) {
        long next = next(buffer);
        assertThat(next).isGreaterThan(done);
        for (; done < next; done++) {
          model.add(SampleSets.set(done), LIMITS);
        }
        assertHolds(buffer, model);
      }
      System.out.println("  killed after " + done + " sets");
    }
  }

  /** Kills a writer when its journal has changed, and then so many bytes later or as soon as it is written anew. */
  private void killAfter(long bytes, Path directory) throws Exception {
    Path journal = directory.resolve("journal");
    Path output = dir.resolve("output");
    long before = length(journal);
    Process writer = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m",
        "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), KilledWriterTest.class.getName(), directory.toString())
        .redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      while (length(journal) == before || length(journal) > before && length(journal) < before + bytes) {
        assertThat(writer.waitFor(1, TimeUnit.MILLISECONDS)).as(() -> read(output)).isFalse();
      }
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static long length(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }
}
