package io.accrete.streams.topology;

/** What became of an event; a tag of the meter {@value TopologyMetrics#EVENTS}. */
public enum Outcome {
  /** The image was folded into its object. */
  FOLDED,
  /** The image was in the object already. */
  DUPLICATE,
  /** The image was in the object under a model that is no longer served; the object was folded again under this one. */
  CAUGHT_UP,
  /** The image took the place of one with the same id. */
  REPLACED,
  /** The image was taken out and others are left. */
  REMOVED,
  /** The object is gone. */
  DELETED,
  /** There was nothing to remove or delete. */
  UNKNOWN,
  /** The event went to the dead-letter topic. */
  DEAD_LETTERED
}
