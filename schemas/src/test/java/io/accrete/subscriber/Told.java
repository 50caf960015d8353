package io.accrete.subscriber;

import io.accrete.events.ObjectEmbedding;
import java.util.ArrayList;
import java.util.List;

/** Everything that a listener was told, a line each: {@code object=image@partition:offset behind it}. */
final class Told implements EmbeddingListener {
  private final List<String> lines = new ArrayList<>();
  private final List<Position> positions = new ArrayList<>();

  List<String> lines() {
    return lines;
  }

  /** Of every update, in turn. */
  List<Position> positions() {
    return positions;
  }

  @Override
  public void onSpace(String modelVersion, boolean reset) {
    lines.add(modelVersion + (reset ? " reset" : " goes on"));
  }

  @Override
  public void onEmbedding(String objectId, ObjectEmbedding embedding, Position position) {
    update(objectId, embedding.getLastImageId(), position);
  }

  @Override
  public void onGone(String objectId, Position position) {
    update(objectId, "gone", position);
  }

  private void update(String objectId, String what, Position position) {
    lines.add(objectId + "=" + what + "@" + position.partition() + ":" + position.offset());
    positions.add(position);
  }

  @Override
  public void onCaughtUp() {
    lines.add("caught up");
  }
}
