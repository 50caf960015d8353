package io.accrete.streams.similarity;

import io.accrete.state.Latent;
import io.accrete.state.ObjectState;
import io.accrete.streams.store.Floats;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** Embeddings as products have them: a few hundred kinds, each a cluster. Not for several threads. */
final class Clusters {
  private static final int KINDS = 200;

  private final Random random;
  private final int dimension;
  private final float[][] kinds = new float[KINDS][];

  Clusters(long seed, int dimension) {
    random = new Random(seed);
    this.dimension = dimension;
    for (int i = 0; i < KINDS; i++) {
      kinds[i] = near(new float[dimension], 1);
    }
  }

  /** An embedding of any kind. */
  float[] embedding() {
    return near(kinds[random.nextInt(KINDS)], 0.3 + 0.6 * random.nextDouble());
  }

  private float[] near(float[] middle, double spread) {
    float[] vector = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      vector[i] = (float) (middle[i] + spread * random.nextGaussian() / Math.sqrt(dimension));
    }
    return Vectors.unit(vector);
  }

  /** An object with these embeddings by version. */
  static ObjectState object(long sequence, Map<String, String> attributes, Map<String, float[]> embeddings) {
    Map<String, Latent> latents = new HashMap<>();
    embeddings.forEach((version, vector) -> latents.put(version, new Latent(ByteBuffer.allocate(0), Floats.toBytes(vector))));
    return ObjectState.newBuilder().setImageCount(1).setSequence(sequence).setLastImageId("image-" + sequence)
        .setUpdatedAt(Instant.ofEpochSecond(sequence)).setSourcePartition(0).setSourceOffset(sequence).setAttributes(attributes)
        .setLatents(latents).build();
  }
}
