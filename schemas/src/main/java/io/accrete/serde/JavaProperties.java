package io.accrete.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/** Takes out of a schema what Java's code generator added, so that other languages see the schema as it was written. */
final class JavaProperties {
  private static final ObjectMapper JSON = new ObjectMapper();

  private JavaProperties() {}

  static Schema without(Schema schema) {
    try {
      JsonNode tree = JSON.readTree(schema.toString());
      tree.findParents(GenericData.STRING_PROP).forEach(node -> ((ObjectNode) node).remove(GenericData.STRING_PROP));
      return new Schema.Parser(NameValidator.NO_VALIDATION).setValidateDefaults(false).parse(tree.toString());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Avro's own JSON cannot be read: " + e.getMessage(), e);
    }
  }
}
