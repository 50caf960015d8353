package io.accrete.sink;

/** Follows a sink, on its thread. */
public interface SinkListener {
  /** Updates of a space that is being loaded are in the database: so many, since this process began to load it. */
  void loaded(long updates);

  /** The space that was loaded is what readers see. */
  void served();
}
