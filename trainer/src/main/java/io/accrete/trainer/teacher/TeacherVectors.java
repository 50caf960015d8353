package io.accrete.trainer.teacher;

import io.accrete.image.Preprocessor;
import io.accrete.image.RgbImage;
import io.accrete.runtime.Model;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** What a frozen teacher says of each photo, computed once and kept in a file; a computation that was interrupted goes on. */
public final class TeacherVectors {
  private static final int BATCH = 16;

  private final Model teacher;
  private final Path directory;

  /** The vectors of this teacher, kept in a directory. */
  public TeacherVectors(Model teacher, Path directory) {
    this.teacher = teacher;
    this.directory = directory;
  }

  /**
   * CLS tokens of whole photos, less their mean over all photos, of unit length: without the mean, which all photos share, a teacher's
   * similarities tell photos apart better.
   */
  public float[][] of(List<RgbImage> photos, Runnable encoded) throws IOException {
    int length = teacher.shapes().dimension();
    float[][] vectors = new float[photos.size()][];
    Path file = directory.resolve("teacher-" + identity(photos) + ".f32");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      int known = (int) Math.min(photos.size(), channel.size() / (4L * length));
      ByteBuffer row = ByteBuffer.allocate(4 * length).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < known; i++) {
        vectors[i] = read(channel, row.clear(), length);
        encoded.run();
      }
      channel.truncate(4L * length * known).position(4L * length * known);
      Preprocessor preprocessor = new Preprocessor(teacher.bundle().preprocessing());
      for (int from = known; from < photos.size(); from += BATCH) {
        List<RgbImage> batch = photos.subList(from, Math.min(photos.size(), from + BATCH));
        float[][] tokens = teacher.encode(batch.parallelStream().map(preprocessor::pixels).toList());
        for (int i = 0; i < tokens.length; i++) {
          vectors[from + i] = Arrays.copyOf(tokens[i], length);
          write(channel, row.clear(), vectors[from + i]);
          encoded.run();
        }
      }
    }
    return centred(vectors);
  }

  private static float[] read(FileChannel channel, ByteBuffer row, int length) throws IOException {
    while (row.hasRemaining() && channel.read(row) >= 0) {
      continue;
    }
    float[] vector = new float[length];
    row.flip().asFloatBuffer().get(vector);
    return vector;
  }

  private static void write(FileChannel channel, ByteBuffer row, float[] vector) throws IOException {
    row.asFloatBuffer().put(vector);
    while (row.hasRemaining()) {
      channel.write(row);
    }
  }

  static float[][] centred(float[][] vectors) {
    double[] mean = new double[vectors[0].length];
    for (float[] vector : vectors) {
      unit(vector);
      for (int i = 0; i < mean.length; i++) {
        mean[i] += vector[i] / vectors.length;
      }
    }
    for (float[] vector : vectors) {
      for (int i = 0; i < mean.length; i++) {
        vector[i] -= (float) mean[i];
      }
      unit(vector);
    }
    return vectors;
  }

  private static void unit(float[] vector) {
    double square = 0;
    for (float value : vector) {
      square += value * value;
    }
    float scale = (float) (1 / Math.sqrt(Math.max(square, 1e-24)));
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= scale;
    }
  }

  /** Which teacher and which photos: other ones must not be taken for these. */
  private String identity(List<RgbImage> photos) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(teacher.encoderSha256().getBytes(StandardCharsets.US_ASCII));
      photos.forEach(photo -> digest.update(photo.rgb()));
      return HexFormat.of().formatHex(digest.digest(), 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has SHA-256
    }
  }
}
