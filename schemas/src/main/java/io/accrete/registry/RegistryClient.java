package io.accrete.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.accrete.config.AccreteConfig;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;

/**
 * A client of the Confluent schema registry REST API, for Avro. Safe for use by many threads.
 *
 * <p>Ids and their schemas are immutable and cached for good; what the registry does not know is asked again each time.
 * Every method throws {@link RegistryUnavailableException} when the registry cannot be used, after the configured retries,
 * and {@link RegistryException} when it refuses the request.
 */
public final class RegistryClient implements AutoCloseable {
  private final RegistryHttp http;
  private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
  private final Map<Registration, Integer> ids = new ConcurrentHashMap<>();

  public RegistryClient(RegistryConfig config) {
    this.http = new RegistryHttp(config);
  }

  /** A client of the registry that the configuration names. */
  public static RegistryClient of(AccreteConfig config) {
    return new RegistryClient(new RegistryConfig(RegistryConfig.properties(config)));
  }

  /** Registers the schema under the subject, unless it is there already, and returns its id; 409 when it is incompatible. */
  public int register(String subject, Schema schema) {
    Registration registration = new Registration(subject, schema);
    Integer known = ids.get(registration);
    if (known != null) {
      return known;
    }
    int id = number(http.send("POST", versionsOf(subject), body(schema)), "id");
    ids.put(registration, id);
    return id;
  }

  /** The id of a schema that is registered under the subject. */
  public int id(String subject, Schema schema) {
    Registration registration = new Registration(subject, schema);
    Integer known = ids.get(registration);
    return known != null ? known : lookup(subject, schema).id();
  }

  /**
   * The version under which the schema is registered with the subject.
   *
   * @throws UnknownSchemaException if it is not
   */
  public RegisteredSchema lookup(String subject, Schema schema) {
    RegisteredSchema found = registered(http.send("POST", "/subjects/" + encode(subject), body(schema)));
    ids.put(new Registration(subject, schema), found.id());
    return found;
  }

  /**
   * The schema with this id.
   *
   * @throws UnknownSchemaException if there is none
   */
  public Schema schema(int id) {
    Schema known = schemas.get(id);
    if (known != null) {
      return known;
    }
    Schema schema = parse(http.get("/schemas/ids/" + id), "id " + id);
    schemas.put(id, schema);
    return schema;
  }

  /**
   * The newest version of a subject.
   *
   * @throws UnknownSchemaException if there is none
   */
  public RegisteredSchema latest(String subject) {
    return registered(http.get(versionsOf(subject) + "/latest"));
  }

  /**
   * One version of a subject.
   *
   * @throws UnknownSchemaException if there is no such version
   */
  public RegisteredSchema version(String subject, int version) {
    return registered(http.get(versionsOf(subject) + "/" + version));
  }

  /**
   * The versions of a subject, oldest first.
   *
   * @throws UnknownSchemaException if there is no such subject
   */
  public List<Integer> versions(String subject) {
    return list(http.get(versionsOf(subject))).map(JsonNode::asInt).toList();
  }

  /** All subjects. */
  public List<String> subjects() {
    return list(http.get("/subjects")).map(JsonNode::asText).toList();
  }

  /**
   * Whether the schema may follow the newest version of the subject, by the registry's rules.
   *
   * @throws UnknownSchemaException if the subject has no version yet
   */
  public boolean isCompatible(String subject, Schema schema) {
    return require(http.send("POST", "/compatibility" + versionsOf(subject) + "/latest", body(schema)), "is_compatible").asBoolean();
  }

  /** Sets the compatibility level (BACKWARD, FULL_TRANSITIVE, NONE, ...) of a subject; null: of all that have none of their own. */
  public void setCompatibility(String subject, String level) {
    http.send("PUT", configOf(subject), JsonNodeFactory.instance.objectNode().put("compatibility", level));
  }

  /** The compatibility level in force for a subject; null: the one for all. */
  public String compatibility(String subject) {
    return require(http.get(configOf(subject) + (subject == null ? "" : "?defaultToGlobal=true")), "compatibilityLevel").asText();
  }

  @Override
  public void close() {
    http.close();
  }

  private RegisteredSchema registered(JsonNode answer) {
    String subject = require(answer, "subject").asText();
    int version = number(answer, "version");
    return new RegisteredSchema(subject, version, number(answer, "id"), parse(answer, subject + " version " + version));
  }

  /** Lenient with names and defaults: the schema may come from another language's writer. */
  private static Schema parse(JsonNode answer, String what) {
    String type = answer.path("schemaType").asText("AVRO");
    if (!"AVRO".equals(type)) {
      throw new RegistryException("The schema with " + what + " is of type " + RegistryException.abbreviate(type)
          + "; expected AVRO.", 0, null);
    }
    if (!answer.path("references").isEmpty()) {
      throw new RegistryException("The schema with " + what
          + " refers to other subjects, which is not supported; register it as one schema.", 0, null);
    }
    try {
      return new Schema.Parser(NameValidator.NO_VALIDATION).setValidateDefaults(false).parse(require(answer, "schema").asText());
    } catch (AvroRuntimeException e) {
      throw new RegistryException("The schema with " + what + " is not a valid Avro schema: "
          + RegistryException.abbreviate(String.valueOf(e.getMessage())), 0, e);
    }
  }

  private static JsonNode require(JsonNode answer, String field) {
    JsonNode value = answer.path(field);
    if (value.isMissingNode()) {
      throw new RegistryUnavailableException("The schema registry's answer lacks '" + field + "'.", 0, null);
    }
    return value;
  }

  /** Never 0 for what is no number: under a wrong id no reader could read the records. */
  private static int number(JsonNode answer, String field) {
    JsonNode value = require(answer, field);
    if (!value.isInt()) {
      throw new RegistryUnavailableException("The schema registry's answer has no number as '" + field + "'; found "
          + RegistryException.abbreviate(value.toString()) + ".", 0, null);
    }
    return value.intValue();
  }

  private static ObjectNode body(Schema schema) {
    return JsonNodeFactory.instance.objectNode().put("schema", schema.toString());
  }

  private static Stream<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private static String versionsOf(String subject) {
    return "/subjects/" + encode(subject) + "/versions";
  }

  private static String configOf(String subject) {
    return subject == null ? "/config" : "/config/" + encode(subject);
  }

  private static String encode(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private record Registration(String subject, Schema schema) {}
}
