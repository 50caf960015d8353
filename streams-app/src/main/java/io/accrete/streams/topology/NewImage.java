package io.accrete.streams.topology;

import io.accrete.state.LedgerEntry;
import io.accrete.streams.store.ObjectStores;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** An image that has just come. Versions that share an encoder encode it once. */
final class NewImage {
  private final Arrival arrival;
  private final byte[] bytes;
  private final Map<ByteBuffer, float[]> tokens = new HashMap<>(); // by the encoder's hash

  NewImage(Arrival arrival, byte[] bytes) {
    this.arrival = arrival;
    this.bytes = bytes;
  }

  byte[] bytes() {
    return bytes;
  }

  float[] tokens(ObjectFolder folder) throws RejectedEventException {
    ByteBuffer encoder = ByteBuffer.wrap(folder.encoderHash());
    float[] known = tokens.get(encoder);
    if (known == null) {
      known = folder.encode(arrival, bytes);
      tokens.put(encoder, known);
    }
    return known;
  }

  /** Keeps the tokens of every encoder so far. */
  void putFeatures(ObjectStores stores, String objectId, LedgerEntry entry) {
    tokens.forEach((encoder, values) -> stores.putFeatures(objectId, entry, encoder.array(), values));
  }
}
