package io.accrete.streams.encode;

/** Says to one user, on one thread, which models there are. Those that it said last take calls until it is asked again or closed. */
public interface ModelSource extends AutoCloseable {
  /** The models now; equal ones say that nothing has changed. May be asked again after closing. */
  LiveModels now();

  @Override
  default void close() {}
}
