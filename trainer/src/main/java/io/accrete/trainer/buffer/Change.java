package io.accrete.trainer.buffer;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * What becomes true at once, a line of the journal. Photos are added before others are dropped.
 *
 * @param object whose photos are added; null if none are
 * @param offsets by partition, see {@link Position#key()}
 * @param saved files of saved snapshots, whose photos stay
 * @param closed files of saved snapshots that need them no more
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record Change(
    String object, List<StoredPhoto> added, List<Dropped> dropped, Map<String, Long> offsets, List<String> saved, List<String> closed) {

  /** A photo that leaves an object. */
  record Dropped(String object, StoredPhoto photo) {}

  Change {
    added = added == null ? List.of() : List.copyOf(added);
    dropped = dropped == null ? List.of() : List.copyOf(dropped);
    offsets = offsets == null ? Map.of() : Map.copyOf(offsets);
    saved = saved == null ? List.of() : List.copyOf(saved);
    closed = closed == null ? List.of() : List.copyOf(closed);
  }

  static Change added(String object, List<StoredPhoto> added, List<Dropped> dropped) {
    return new Change(object, added, dropped, null, null, null);
  }

  static Change dropped(List<Dropped> dropped) {
    return added(null, null, dropped);
  }

  static Change read(Map<String, Long> offsets) {
    return new Change(null, null, null, offsets, null, null);
  }

  static Change saved(List<String> files) {
    return new Change(null, null, null, null, files, null);
  }

  static Change closed(List<String> files) {
    return new Change(null, null, null, null, null, files);
  }

  boolean changesNothing() {
    return added.isEmpty() && dropped.isEmpty() && offsets.isEmpty() && saved.isEmpty() && closed.isEmpty();
  }

  Change upTo(Position read) {
    return new Change(object, added, dropped, Map.of(read.key(), read.offset()), saved, closed);
  }
}
