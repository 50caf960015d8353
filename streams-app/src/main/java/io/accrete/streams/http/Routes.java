package io.accrete.streams.http;

import io.javalin.config.RoutesConfig;

/**
 * The part of the API that belongs to one concern. {@link Scope} says which token a route asks for; without one it is
 * {@link Scope#READ} for GET and {@link Scope#WRITE} for everything else.
 *
 * <p>Handlers read ids by {@link PathIds}, query parameters by {@link Params}, bodies by {@link Bodies}, throw
 * {@link ProblemException} (or {@link QueryUnavailableException}) for whatever they do not answer with 2xx, and answer by
 * {@link Json#send}.
 */
public interface Routes extends AutoCloseable {
  /** Adds the routes; called once, before the server starts. */
  void addTo(RoutesConfig routes);

  /** Releases what the routes have of their own; called once, when the server has stopped. */
  @Override
  default void close() {}
}
