package io.accrete.streams.http;

import io.javalin.security.RouteRole;

/** What a request must be allowed to do; given as the role of a route. */
public enum Scope implements RouteRole {
  /** Nothing: asked for without a token. */
  OPEN,
  /** Reading and searching, whatever the method. */
  READ,
  /** Changing something. Includes reading. */
  WRITE
}
