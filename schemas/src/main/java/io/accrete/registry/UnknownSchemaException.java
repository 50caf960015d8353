package io.accrete.registry;

/** The registry answers, and does not know the subject, version or schema. */
public final class UnknownSchemaException extends RegistryException {
  UnknownSchemaException(String message, int errorCode) {
    super(message, errorCode, null);
  }
}
