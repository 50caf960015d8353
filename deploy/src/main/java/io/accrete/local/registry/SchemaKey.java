package io.accrete.local.registry;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/** Key of a record of the registry's topic: a schema version (subject and version), or a compatibility level (subject, null for all). */
@JsonIgnoreProperties(ignoreUnknown = true)
record SchemaKey(Type keytype, String subject, int version) {
  enum Type { SCHEMA, CONFIG }

  static SchemaKey of(SchemaVersion version) {
    return new SchemaKey(Type.SCHEMA, version.subject(), version.version());
  }

  static SchemaKey level(String subject) {
    return new SchemaKey(Type.CONFIG, subject, 0);
  }
}
