package io.accrete.local.registry;

/** An answer other than success: HTTP status and the error code that Confluent's registry gives. */
final class RegistryError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final int code;

  private RegistryError(int status, int code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  static RegistryError subjectNotFound(String subject) {
    return new RegistryError(404, 40401, "Subject '" + subject + "' not found.");
  }

  static RegistryError versionNotFound(Object version) {
    return new RegistryError(404, 40402, "Version " + version + " not found.");
  }

  static RegistryError schemaNotFound() {
    return new RegistryError(404, 40403, "Schema not found");
  }

  static RegistryError notSoftDeleted(String subject) {
    return new RegistryError(404, 40405, "Subject '" + subject + "' was not deleted first before being permanently deleted");
  }

  static RegistryError levelNotConfigured(String subject) {
    return new RegistryError(404, 40408, "Subject '" + subject + "' does not have subject-level compatibility configured");
  }

  static RegistryError invalidSchema(String reason) {
    return new RegistryError(422, 42201, "Invalid schema: " + reason);
  }

  static RegistryError invalidVersion(String version) {
    return new RegistryError(422, 42202, "The specified version '" + version
        + "' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"");
  }

  static RegistryError invalidLevel(String level) {
    return new RegistryError(422, 42203, "Invalid compatibility level '" + level
        + "'. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive");
  }

  static RegistryError incompatible(String subject, String reason) {
    return new RegistryError(409, 409, "Schema being registered is incompatible with an earlier schema for subject \"" + subject + "\": "
        + reason);
  }

  static RegistryError storage(Throwable cause) {
    RegistryError error = new RegistryError(500, 50001, "The registry could not write to its topic: " + cause.getMessage());
    error.initCause(cause);
    return error;
  }

  int status() {
    return status;
  }

  int code() {
    return code;
  }
}
