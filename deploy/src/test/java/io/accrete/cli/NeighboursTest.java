package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.accrete.events.ObjectEmbedding;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NeighboursTest {
  private final Map<String, ObjectEmbedding> table = Map.of(
      "east", embedding(1f, 0f), "north", embedding(0f, 1f), "northeast", embedding(.6f, .8f), "west", embedding(-1f, 0f));

  @Test
  void shouldRankByInnerProductAndLeaveOutTheQueryItself() {
    assertThat(Neighbours.of(List.of(1f, 0f), table, 2, "east"))
        .containsExactly(new Neighbours.Neighbour("northeast", .6f), new Neighbours.Neighbour("north", 0f));
    assertThat(Neighbours.of(List.of(1f, 0f), table, 10, null)).extracting(Neighbours.Neighbour::objectId)
        .containsExactly("east", "northeast", "north", "west");
  }

  @Test
  void shouldRefuseVectorsOfAnotherSpace() {
    assertThatIllegalStateException().isThrownBy(() -> Neighbours.of(List.of(1f), table, 2, null))
        .withMessageContaining("different models");
  }

  private static ObjectEmbedding embedding(Float... vector) {
    return ObjectEmbedding.newBuilder().setVector(List.of(vector)).setModelVersion("v").setImageCount(1).setLastImageId("i").setSequence(1)
        .setSourcePartition(0).setSourceOffset(0).setUpdatedAt(Instant.EPOCH).build();
  }
}
