package io.accrete.local.registry;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaValidationException;
import org.apache.avro.SchemaValidator;
import org.apache.avro.SchemaValidatorBuilder;

/** What a new version of a subject must be able to read, or be read by. */
enum CompatibilityLevel {
  NONE, BACKWARD, BACKWARD_TRANSITIVE, FORWARD, FORWARD_TRANSITIVE, FULL, FULL_TRANSITIVE;

  static CompatibilityLevel parse(String name) {
    try {
      return valueOf(String.valueOf(name).toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw RegistryError.invalidLevel(name);
    }
  }

  /**
   * Checks a candidate against earlier versions, given newest first.
   *
   * @return why the candidate does not fit; empty if it does
   */
  Optional<String> violation(Schema candidate, List<Schema> newestFirst) {
    if (this == NONE || newestFirst.isEmpty()) {
      return Optional.empty();
    }
    try {
      validator().validate(candidate, newestFirst);
      return Optional.empty();
    } catch (SchemaValidationException e) {
      return Optional.of(e.getMessage());
    }
  }

  private SchemaValidator validator() {
    SchemaValidatorBuilder builder = new SchemaValidatorBuilder();
    SchemaValidatorBuilder strategy = switch (this) {
      case FORWARD, FORWARD_TRANSITIVE -> builder.canBeReadStrategy();
      case FULL, FULL_TRANSITIVE -> builder.mutualReadStrategy();
      default -> builder.canReadStrategy();
    };
    return name().endsWith("_TRANSITIVE") ? strategy.validateAll() : strategy.validateLatest();
  }
}
