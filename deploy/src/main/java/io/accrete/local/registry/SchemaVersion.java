package io.accrete.local.registry;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.apache.avro.Schema;

/**
 * One version of one subject, as the topic holds it.
 *
 * @param deleted hidden from listings; its id stays readable, since records carry it
 * @param purged deleted for good: hidden even from listings of deleted versions; its id stays readable and is never given again
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record SchemaVersion(String subject, int version, int id, String schema, boolean deleted, boolean purged) {

  SchemaVersion asDeleted(boolean forGood) {
    return new SchemaVersion(subject, version, id, schema, true, forGood);
  }

  Schema parsed() {
    return parse(schema);
  }

  /** Parses Avro; two texts that differ in blanks or in the order of attributes have the same {@code toString()}. */
  static Schema parse(String text) {
    try {
      return new Schema.Parser().parse(text);
    } catch (RuntimeException e) {
      throw RegistryError.invalidSchema(e.getMessage());
    }
  }
}
