package io.accrete.streams.feed;

import io.accrete.subscriber.Position;
import io.accrete.topics.Topics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a client is: in the embeddings topic of a model version, the offset of each partition that it reads next. As text it is the id of
 * an event: {@code version:topic id:offset,offset,…}. Not for several threads.
 */
public final class Place {
  private static final Pattern TOPIC_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern OFFSETS = Pattern.compile("\\d{1,18}(,\\d{1,18})*");

  private final String modelVersion;
  private final String topicId;
  private final long[] offsets;

  private Place(String modelVersion, String topicId, long[] offsets) {
    this.modelVersion = modelVersion;
    this.topicId = topicId;
    this.offsets = offsets;
  }

  /** The place that these positions are, one for each partition. */
  static Place of(Collection<Position> positions) {
    Position any = positions.iterator().next();
    Place place = new Place(any.modelVersion(), any.topicId(), new long[positions.size()]);
    place.reach(positions);
    return place;
  }

  /**
   * Reads the id of an event.
   *
   * @throws IllegalArgumentException if it is none; the message is for people
   */
  public static Place parse(String id) {
    String[] parts = id.split(":", -1);
    if (parts.length != 3 || !Topics.MODEL_VERSION.matcher(parts[0]).matches() || !TOPIC_ID.matcher(parts[1]).matches()
        || !OFFSETS.matcher(parts[2]).matches()) {
      throw new IllegalArgumentException("Last-Event-ID is not the id of an event of this stream: expected one as it came, or none to begin"
          + " now; found '" + (id.length() > 100 ? id.substring(0, 100) + "…" : id) + "'.");
    }
    return new Place(parts[0], parts[1], Arrays.stream(parts[2].split(",")).mapToLong(Long::parseLong).toArray());
  }

  Place copy() {
    return new Place(modelVersion, topicId, offsets.clone());
  }

  String modelVersion() {
    return modelVersion;
  }

  List<Position> positions() {
    List<Position> positions = new ArrayList<>(offsets.length);
    for (int partition = 0; partition < offsets.length; partition++) {
      positions.add(new Position(modelVersion, topicId, partition, offsets[partition]));
    }
    return positions;
  }

  /** Whether both are in the same topic. */
  boolean sameSpace(Place other) {
    return modelVersion.equals(other.modelVersion) && topicId.equals(other.topicId) && offsets.length == other.offsets.length;
  }

  /** Whether it is in no partition before the other; both in the same space. */
  boolean reaches(Place other) {
    for (int partition = 0; partition < offsets.length; partition++) {
      if (offsets[partition] < other.offsets[partition]) {
        return false;
      }
    }
    return true;
  }

  /** Whether an update is behind. */
  boolean has(int partition, long offset) {
    return offset <= offsets[partition];
  }

  /** Goes on behind an update; false if that is behind already, and nothing changes. */
  boolean reach(int partition, long offset) {
    if (has(partition, offset)) {
      return false;
    }
    offsets[partition] = offset;
    return true;
  }

  /** Goes on to these positions of the same space where they are further. */
  void reach(Collection<Position> positions) {
    positions.forEach(position -> reach(position.partition(), position.offset()));
  }

  /** Goes on to the other place, of the same space, where it is further. */
  void reach(Place other) {
    for (int partition = 0; partition < offsets.length; partition++) {
      reach(partition, other.offsets[partition]);
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(modelVersion.length() + topicId.length() + 10 * offsets.length);
    text.append(modelVersion).append(':').append(topicId);
    for (int partition = 0; partition < offsets.length; partition++) {
      text.append(partition == 0 ? ':' : ',').append(offsets[partition]);
    }
    return text.toString();
  }
}
