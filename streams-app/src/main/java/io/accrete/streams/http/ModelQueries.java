package io.accrete.streams.http;

import java.util.List;
import java.util.Optional;

/** Tells of the model versions, as far as this instance knows now. Implementations are safe for use by several threads at once. */
public interface ModelQueries {
  /** The published versions, the newest last. */
  List<ModelView> versions();

  /** The version with which this instance answers queries; empty while it has none. */
  Optional<String> serving();
}
