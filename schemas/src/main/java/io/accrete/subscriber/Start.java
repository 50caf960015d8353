package io.accrete.subscriber;

import java.util.Collection;
import java.util.List;

/** Where a subscription begins. */
public final class Start {
  private final List<Position> positions;
  private final boolean atEnd;

  private Start(Collection<Position> positions, boolean atEnd) {
    this.positions = List.copyOf(positions);
    this.atEnd = atEnd;
  }

  /** With everything that the topic holds, so that the space is complete. */
  public static Start beginning() {
    return new Start(List.of(), false);
  }

  /**
   * Behind these positions, of each partition the furthest; partitions without one are read from their beginning. Unless all positions lie
   * in the topic of the version that is ACTIVE, the space is read from its beginning.
   */
  public static Start at(Collection<Position> positions) {
    return new Start(positions, false);
  }

  /** With what is committed from now on, after a change of the space too: for those who watch and keep nothing. */
  public static Start end() {
    return new Start(List.of(), true);
  }

  List<Position> positions() {
    return positions;
  }

  boolean atEnd() {
    return atEnd;
  }
}
