package io.accrete.registry;

/** The registry cannot be used now: unreachable, failing, overloaded or refusing this client. The schema may be well; try again later. */
public final class RegistryUnavailableException extends RegistryException {
  RegistryUnavailableException(String message, int errorCode, Throwable cause) {
    super(message, errorCode, cause);
  }
}
