package io.accrete.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.Manifest.Shapes;
import io.accrete.onnx.Ort;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A loaded bundle. Safe for many threads. {@link #close} may come at any time: calls under way finish first, later ones fail.
 *
 * <p>Determinism: on one machine with the same library and the same number of threads, equal calls give equal bits. The same image in
 * batches of different sizes, or on another kind of processor, may differ in the last bits (about 1e-6 of the largest value); who needs
 * equal bits must keep the batch size.
 */
public final class Model implements AutoCloseable {
  private final Bundle bundle;
  private final Sessions sessions;
  private final Queue<FoldFrame> frames = new ConcurrentLinkedQueue<>(); // of one object; as many as there were folds at the same time
  private int leases;
  private boolean closed;

  private Model(Bundle bundle, Sessions sessions) {
    this.bundle = bundle;
    this.sessions = sessions;
  }

  /**
   * Loads a bundle's graphs.
   *
   * @throws ModelException if ONNX Runtime refuses a graph, or the device is {@code CUDA} and CUDA cannot be used
   */
  public static Model load(Bundle bundle, RuntimeOptions options) {
    return new Model(bundle, Sessions.open(bundle, options));
  }

  /** What was loaded. */
  public Bundle bundle() {
    return bundle;
  }

  /** Model version. */
  public String version() {
    return bundle.version();
  }

  /** T, D, S, E and the image size. */
  public Shapes shapes() {
    return bundle.manifest().shapes();
  }

  /** Hash of the encoder: the identity of its tokens. */
  public String encoderSha256() {
    return bundle.encoderSha256();
  }

  /** Where the encoder runs: {@code CPU} or {@code CUDA}. */
  public Device device() {
    return sessions.device();
  }

  /** Why it runs there. */
  public String deviceReason() {
    return sessions.reason();
  }

  /**
   * Encodes a batch of images.
   *
   * @param pixels of each image: height · width · 3 bytes, row by row, red first, 0 to 255
   * @return of each image: T · D floats, CLS first
   */
  public float[][] encode(List<byte[]> pixels) {
    if (pixels.isEmpty()) {
      return new float[0][];
    }
    ByteBuffer input = ByteBuffer.allocateDirect(Math.multiplyExact(pixels.size(), pixelBytes()));
    for (byte[] image : pixels) {
      requireLength("An image", image.length, pixelBytes());
      input.put(image);
    }
    return encode(input.flip());
  }

  /**
   * Encodes a batch of at least one image, without copying it if the buffer is direct.
   *
   * @param pixels from its position to its limit the images, one after the other; it must not change meanwhile
   * @return of each image: T · D floats, CLS first
   */
  public float[][] encode(ByteBuffer pixels) {
    int batch = pixels.remaining() / pixelBytes();
    requireLength("A batch of " + batch + " images", pixels.remaining(), Math.max(1, batch) * pixelBytes());
    int side = shapes().imageSize();
    return leased("encoder", running -> {
      try (OnnxTensor tensor = OnnxTensor.createTensor(Ort.environment(), pixels.order(ByteOrder.nativeOrder()),
          new long[] {batch, side, side, 3}, OnnxJavaType.UINT8);
          OrtSession.Result result = running.encoder().run(Map.of("pixel_values", tensor))) {
        return rows(result, "tokens", batch, shapes().tokens() * shapes().dimension());
      }
    });
  }

  /** Bytes of an image's pixels. */
  public int pixelBytes() {
    return 3 * shapes().imageSize() * shapes().imageSize();
  }

  /**
   * Folds one image into one object.
   *
   * @param state S · D floats; null if and only if {@code count} is 0
   * @param tokens T · D floats
   * @param count number of images already in the state
   */
  public Folded fold(float[] state, float[] tokens, long count) {
    return fold(Collections.singletonList(state), List.of(tokens), new long[] {count}).get(0);
  }

  /** Folds one image each into several objects; row i of the result belongs to row i of the arguments. */
  public List<Folded> fold(List<float[]> states, List<float[]> tokens, long[] counts) {
    int batch = counts.length;
    if (states.size() != batch || tokens.size() != batch) {
      throw new IllegalArgumentException(
          "States, tokens and counts must be equally many; found " + states.size() + ", " + tokens.size() + " and " + batch + ".");
    }
    if (batch == 0) {
      return List.of();
    }
    int stateLength = shapes().stateTokens() * shapes().dimension();
    int tokensLength = shapes().tokens() * shapes().dimension();
    for (int row = 0; row < batch; row++) {
      float[] state = states.get(row);
      if ((state == null) != (counts[row] == 0)) {
        throw new IllegalArgumentException("A state must be given exactly when images are in it; found count " + counts[row]
            + (state == null ? " without a state." : " with a state."));
      }
      if (state != null) {
        requireLength("A state", state.length, stateLength);
      }
      requireLength("An image's tokens", tokens.get(row).length, tokensLength);
    }
    return leased("aggregator", running -> {
      FoldFrame spare = batch == 1 ? frames.poll() : null;
      FoldFrame frame = spare == null ? new FoldFrame(batch, shapes()) : spare;
      try {
        return frame.fold(running.aggregator(), states, tokens, counts);
      } finally {
        if (batch > 1) {
          frame.close();
        } else {
          frames.add(frame);
        }
      }
    });
  }

  /**
   * Keeps the model open until the lease is closed.
   *
   * @throws IllegalStateException if the model was closed
   */
  public synchronized Lease acquire() {
    if (closed) {
      throw new IllegalStateException("The model " + version() + " was closed; load it again to use it.");
    }
    leases++;
    return new Lease();
  }

  /** Lets no new call in; the sessions are freed when the last lease ends, now or later. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      freeIfUnused();
    }
  }

  private <R> R leased(String graph, OrtCall<R> call) {
    try (Lease lease = acquire()) {
      return call.run(lease.model().sessions);
    } catch (OrtException e) {
      throw new ModelException("The " + graph + " of " + version() + " failed: " + e.getMessage(), e);
    }
  }

  private interface OrtCall<R> {
    R run(Sessions sessions) throws OrtException;
  }

  private synchronized void release() {
    leases--;
    freeIfUnused();
  }

  // Freeing a session under a running call crashes the JVM, so only the last one out does it.
  private void freeIfUnused() {
    if (closed && leases == 0) {
      frames.forEach(FoldFrame::close);
      sessions.close();
    }
  }

  private static float[][] rows(OrtSession.Result result, String output, int batch, int length) {
    FloatBuffer buffer = ((OnnxTensor) result.get(output).orElseThrow()).getFloatBuffer();
    float[][] rows = new float[batch][length];
    for (float[] row : rows) {
      buffer.get(row);
    }
    return rows;
  }

  private void requireLength(String what, int found, int expected) {
    if (found != expected) {
      throw new IllegalArgumentException(what + " for the model " + version() + " must have " + expected + " values; found " + found + ".");
    }
  }

  /** The promise that a model stays open; ends with {@link #close}, which may be called more than once. */
  public final class Lease implements AutoCloseable {
    private boolean ended;

    private Lease() {}

    /** The leased model. */
    public Model model() {
      return Model.this;
    }

    @Override
    public void close() {
      synchronized (Model.this) {
        if (!ended) {
          ended = true;
          release();
        }
      }
    }
  }
}
