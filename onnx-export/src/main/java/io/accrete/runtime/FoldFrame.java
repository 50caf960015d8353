package io.accrete.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.accrete.bundle.Manifest.Shapes;
import io.accrete.onnx.Ort;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Arguments and results of folds of one batch size, in direct memory that stays: beside so little work it is dear to allocate, to clear and
 * to free. For one thread at a time.
 */
final class FoldFrame implements AutoCloseable {
  private final int batch;
  private final int stateLength;
  private final int tokensLength;
  private final int embeddingLength;
  private final FloatBuffer states;
  private final FloatBuffer tokens;
  private final LongBuffer counts;
  private final FloatBuffer nextStates;
  private final FloatBuffer embeddings;
  private final Map<String, OnnxTensor> inputs;
  private final Map<String, OnnxTensor> outputs;

  FoldFrame(int batch, Shapes shapes) throws OrtException {
    this.batch = batch;
    int d = shapes.dimension();
    stateLength = shapes.stateTokens() * d;
    tokensLength = shapes.tokens() * d;
    embeddingLength = shapes.embedding();
    states = floats(stateLength);
    tokens = floats(tokensLength);
    counts = direct(Long.BYTES).asLongBuffer();
    nextStates = floats(stateLength);
    embeddings = floats(embeddingLength);
    inputs = Map.of("state", tensor(states, shapes.stateTokens(), d), "tokens", tensor(tokens, shapes.tokens(), d),
        "count", OnnxTensor.createTensor(Ort.environment(), counts, new long[] {batch}));
    outputs = Map.of("next_state", tensor(nextStates, shapes.stateTokens(), d), "embedding", tensor(embeddings, embeddingLength));
  }

  private ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(batch, bytes)).order(ByteOrder.nativeOrder());
  }

  private FloatBuffer floats(int length) {
    return direct(Math.multiplyExact(Float.BYTES, length)).asFloatBuffer();
  }

  private OnnxTensor tensor(FloatBuffer buffer, long... lengths) throws OrtException {
    long[] shape = new long[lengths.length + 1];
    shape[0] = batch;
    System.arraycopy(lengths, 0, shape, 1, lengths.length);
    return OnnxTensor.createTensor(Ort.environment(), buffer, shape);
  }

  /** Folds; rows of the arguments have their lengths, and a state of no images is null. */
  List<Folded> fold(OrtSession aggregator, List<float[]> stateRows, List<float[]> tokenRows, long[] countRows) throws OrtException {
    for (int row = 0; row < batch; row++) {
      float[] state = stateRows.get(row);
      states.put(row * stateLength, state == null ? new float[stateLength] : state);
      tokens.put(row * tokensLength, tokenRows.get(row));
    }
    counts.put(0, countRows);
    aggregator.run(inputs, Collections.emptySet(), outputs).close();
    List<Folded> folded = new ArrayList<>(batch);
    for (int row = 0; row < batch; row++) {
      folded.add(new Folded(row(nextStates, row, stateLength), row(embeddings, row, embeddingLength)));
    }
    return folded;
  }

  private static float[] row(FloatBuffer rows, int row, int length) {
    float[] values = new float[length];
    rows.get(row * length, values);
    return values;
  }

  @Override
  public void close() {
    inputs.values().forEach(OnnxTensor::close);
    outputs.values().forEach(OnnxTensor::close);
  }
}
