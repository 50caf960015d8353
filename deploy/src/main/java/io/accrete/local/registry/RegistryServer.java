package io.accrete.local.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.HttpResponseException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A schema registry that speaks Confluent's HTTP API for Avro, stored in a compacted topic. For local use only: one process
 * writes, nobody is asked who they are, and schema references and other schema types are refused.
 */
public final class RegistryServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegistryServer.class);
  private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final int MAX_REQUEST_BYTES = 2 * 1024 * 1024;

  private final ObjectMapper json = new ObjectMapper();
  private final SchemaLog schemaLog;
  private final CompletableFuture<Subjects> replayed = new CompletableFuture<>(); // requests wait for it
  private final Javalin server;

  private RegistryServer(SchemaLog schemaLog, String host, int port) {
    this.schemaLog = schemaLog;
    this.server = Javalin.create(config -> configure(config, host, port));
  }

  /**
   * Starts a registry on a broker. A registry that already runs on the same broker is shut out.
   *
   * @param host the address to listen on
   * @param port the port to listen on; 0: any free one
   * @throws IllegalStateException if the port is taken or the broker cannot be reached; the message is for people
   */
  public static RegistryServer start(String bootstrapServers, String host, int port) {
    RegistryServer registry = new RegistryServer(new SchemaLog(bootstrapServers), host, port);
    try {
      registry.server.start(); // before the log is opened: a port in use must not shut out the registry that uses it
      registry.replayed.complete(new Subjects(registry.schemaLog));
    } catch (RuntimeException e) {
      registry.close();
      throw e instanceof IllegalStateException ? e
          : new IllegalStateException("The schema registry cannot start at " + host + ":" + port + " on the broker "
              + bootstrapServers + ": " + e.getMessage() + ". Free the port or choose another one.", e);
    }
    log.info("Schema registry (for local use only) at {}", registry.url());
    return registry;
  }

  /** Where it listens. */
  public URI url() {
    return URI.create("http://" + server.jettyServer().server().getURI().getHost() + ":" + server.port());
  }

  @Override
  public void close() {
    server.stop();
    schemaLog.close();
  }

  private void configure(JavalinConfig config, String host, int port) {
    config.jetty.host = host;
    config.jetty.port = port;
    config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.http.maxRequestSize = MAX_REQUEST_BYTES;
    config.http.defaultContentType = CONTENT_TYPE;
    config.routes.before(RegistryServer::refuseWebPages);
    schemaRoutes(config.routes);
    subjectRoutes(config.routes);
    compatibilityRoutes(config.routes);
    config.routes.exception(RegistryError.class, (e, ctx) -> fail(ctx, e.status(), e.code(), e.getMessage()));
    config.routes.exception(HttpResponseException.class, (e, ctx) -> fail(ctx, e.getStatus(), e.getStatus(), e.getMessage()));
    config.routes.exception(Exception.class, (e, ctx) -> {
      log.warn("{} {} failed", ctx.method(), ctx.path(), e);
      fail(ctx, 500, 50001, "Internal error; the registry's log has the details");
    });
    config.routes.error(404, ctx -> {
      if (ctx.resultInputStream() == null) {
        fail(ctx, 404, 404, "HTTP 404 Not Found");
      }
    });
  }

  private void schemaRoutes(RoutesConfig routes) {
    routes.get("/", ctx -> answer(ctx, Map.of()));
    routes.get("/schemas/types", ctx -> answer(ctx, List.of("AVRO")));
    routes.get("/schemas/ids/{id}", ctx -> answer(ctx, Map.of("schema", subjects().schema(id(ctx)))));
    routes.get("/schemas/ids/{id}/schema", ctx -> answerRaw(ctx, subjects().schema(id(ctx))));
    routes.get("/schemas/ids/{id}/subjects",
        ctx -> answer(ctx, subjects().usesOf(id(ctx)).stream().map(SchemaVersion::subject).distinct().toList()));
    routes.get("/schemas/ids/{id}/versions", ctx -> answer(ctx, subjects().usesOf(id(ctx)).stream()
        .map(v -> Map.of("subject", v.subject(), "version", v.version())).toList()));
    routes.get("/mode", ctx -> answer(ctx, Map.of("mode", "READWRITE")));
    routes.get("/mode/{subject}", ctx -> answer(ctx, Map.of("mode", "READWRITE")));
  }

  private void subjectRoutes(RoutesConfig routes) {
    routes.get("/subjects", ctx -> {
      String prefix = Optional.ofNullable(ctx.queryParam("subjectPrefix")).orElse("");
      answer(ctx, subjects().names(flag(ctx, "deleted")).stream().filter(name -> name.startsWith(prefix)).toList());
    });
    routes.post("/subjects/{subject}", ctx -> answer(ctx, describe(subjects().lookup(subject(ctx), schema(ctx), flag(ctx, "deleted")))));
    routes.delete("/subjects/{subject}", ctx -> answer(ctx, subjects().deleteSubject(subject(ctx), flag(ctx, "permanent"))));
    routes.get("/subjects/{subject}/versions", ctx -> answer(ctx,
        subjects().existing(subject(ctx), flag(ctx, "deleted")).stream().map(SchemaVersion::version).toList()));
    routes.post("/subjects/{subject}/versions", ctx -> answer(ctx, Map.of("id", subjects().register(subject(ctx), schema(ctx)))));
    routes.get("/subjects/{subject}/versions/{version}", ctx -> answer(ctx, describe(version(ctx))));
    routes.get("/subjects/{subject}/versions/{version}/schema", ctx -> answerRaw(ctx, version(ctx).schema()));
    routes.get("/subjects/{subject}/versions/{version}/referencedby", ctx -> {
      version(ctx);
      answer(ctx, List.of());
    });
    routes.delete("/subjects/{subject}/versions/{version}", ctx -> answer(ctx,
        subjects().deleteVersion(subject(ctx), ctx.pathParam("version"), flag(ctx, "permanent"))));
  }

  private void compatibilityRoutes(RoutesConfig routes) {
    routes.post("/compatibility/subjects/{subject}/versions", ctx -> answerCompatibility(ctx, null));
    routes.post("/compatibility/subjects/{subject}/versions/{version}", ctx -> answerCompatibility(ctx, ctx.pathParam("version")));
    routes.get("/config", ctx -> answer(ctx, Map.of("compatibilityLevel", subjects().level(null))));
    routes.put("/config", ctx -> setLevel(ctx, null));
    routes.delete("/config", ctx -> resetLevel(ctx, null));
    routes.get("/config/{subject}", ctx -> {
      if (!subjects().hasOwnLevel(subject(ctx)) && !flag(ctx, "defaultToGlobal")) {
        throw RegistryError.levelNotConfigured(subject(ctx));
      }
      answer(ctx, Map.of("compatibilityLevel", subjects().level(subject(ctx))));
    });
    routes.put("/config/{subject}", ctx -> setLevel(ctx, subject(ctx)));
    routes.delete("/config/{subject}", ctx -> resetLevel(ctx, subject(ctx)));
  }

  private void answerCompatibility(Context ctx, String version) {
    Optional<String> violation = subjects().violation(subject(ctx), version, schema(ctx));
    Map<String, Object> result = new TreeMap<>(Map.of("is_compatible", violation.isEmpty()));
    if (flag(ctx, "verbose")) {
      result.put("messages", violation.map(List::of).orElse(List.of()));
    }
    answer(ctx, result);
  }

  private void setLevel(Context ctx, String subject) {
    CompatibilityLevel level = CompatibilityLevel.parse(body(ctx).path("compatibility").asText(null));
    subjects().setLevel(subject, level);
    answer(ctx, Map.of("compatibility", level));
  }

  private void resetLevel(Context ctx, String subject) {
    CompatibilityLevel old = subjects().level(subject);
    subjects().setLevel(subject, null);
    answer(ctx, Map.of("compatibilityLevel", old));
  }

  private Schema schema(Context ctx) {
    JsonNode body = body(ctx);
    String type = body.path("schemaType").asText("AVRO");
    if (!type.equals("AVRO")) {
      throw RegistryError.invalidSchema("this local registry holds Avro schemas only, not " + type);
    }
    if (!body.path("references").isEmpty()) {
      throw RegistryError.invalidSchema("this local registry does not support schema references");
    }
    if (!body.path("schema").isTextual()) {
      throw RegistryError.invalidSchema("the request has no text field 'schema'");
    }
    return SchemaVersion.parse(body.path("schema").asText());
  }

  private JsonNode body(Context ctx) {
    try {
      return json.readTree(ctx.body());
    } catch (JsonProcessingException e) {
      throw RegistryError.invalidSchema("the request is not JSON: " + e.getOriginalMessage());
    }
  }

  private SchemaVersion version(Context ctx) {
    return subjects().version(subject(ctx), ctx.pathParam("version"), flag(ctx, "deleted"));
  }

  /** A browser sends Origin with what a foreign page asks for; nothing on such a page has business here. */
  private static void refuseWebPages(Context ctx) {
    if (ctx.header("Origin") != null) {
      throw new ForbiddenResponse("This registry does not serve web pages.");
    }
  }

  private Subjects subjects() {
    return replayed.join();
  }

  private static Map<String, Object> describe(SchemaVersion version) {
    return Map.of("subject", version.subject(), "version", version.version(), "id", version.id(), "schema", version.schema());
  }

  private static String subject(Context ctx) {
    return ctx.pathParam("subject");
  }

  private static int id(Context ctx) {
    try {
      return Integer.parseInt(ctx.pathParam("id"));
    } catch (NumberFormatException e) {
      throw RegistryError.schemaNotFound();
    }
  }

  private static boolean flag(Context ctx, String name) {
    return Boolean.parseBoolean(ctx.queryParam(name));
  }

  private void fail(Context ctx, int status, int code, String message) {
    ctx.status(status);
    answer(ctx, Map.of("error_code", code, "message", String.valueOf(message)));
  }

  private void answer(Context ctx, Object value) {
    try {
      answerRaw(ctx, json.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Not writable as JSON: " + value, e);
    }
  }

  private static void answerRaw(Context ctx, String body) {
    ctx.contentType(CONTENT_TYPE).result(body);
  }
}
