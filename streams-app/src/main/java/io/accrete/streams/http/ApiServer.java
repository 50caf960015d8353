package io.accrete.streams.http;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.util.JavalinBindException;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP API of one instance.
 *
 * <pre>
 * GET /v1/objects/{id}[?ledger=true]   one object; the id percent-encoded, slashes may stay
 * GET /v1/models                       the model versions, how far their rollouts are, and which one answers
 * GET /health/live, /health/ready      200 or 503, with every check and its reason
 * GET /metrics                         Prometheus' text format
 * </pre>
 *
 * <p>Errors are problem documents (RFC 9457): 404 for an unknown object, 503 while this instance cannot tell. There is no
 * authentication: the API listens on loopback unless {@code http.host} says otherwise.
 */
public final class ApiServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ApiServer.class);
  static final String PROBLEM = "application/problem+json";
  private static final String JSON = "application/json";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final int MAX_THREADS = 32;
  private static final long IDLE_MS = 30_000;
  private static final Pattern LOCAL_HOST = Pattern.compile("(localhost|[0-9.]+|\\[[0-9a-fA-F:.]+])(:[0-9]+)?", Pattern.CASE_INSENSITIVE);

  private final Javalin server;
  private final String host;

  private ApiServer(Javalin server, String host) {
    this.server = server;
    this.host = host;
  }

  /**
   * Starts listening on {@code http.host} and {@code http.port}.
   *
   * @throws ConfigException if that address cannot be listened on
   */
  public static ApiServer start(AccreteConfig config, ObjectQueries queries, ModelQueries models, Health health,
      PrometheusMeterRegistry metrics) {
    String host = config.getString(ConfigKeys.API_HOST);
    int port = config.getInt(ConfigKeys.API_PORT);
    boolean loopback = isLoopback(host);
    Javalin server = Javalin.create(javalin -> {
      settings(javalin);
      if (loopback) {
        javalin.routes.before(ApiServer::refuseForeignNames);
      }
      javalin.routes.get(ObjectPath.PREFIX + "<id>", context -> object(context, queries));
      javalin.routes.get("/v1/models", context ->
          context.contentType(JSON).result(Json.models(models.versions(), models.serving())));
      javalin.routes.get("/health/live", context -> checks(context, health.live()));
      javalin.routes.get("/health/ready", context -> checks(context, health.ready()));
      javalin.routes.get("/metrics", context -> context.contentType(PROMETHEUS).result(metrics.scrape(PROMETHEUS)));
      errors(javalin);
    });
    try {
      server.start(host, port);
    } catch (JavalinBindException e) {
      server.stop();
      throw new ConfigException("The HTTP API cannot listen on " + host + ":" + port + " (" + rootMessage(e)
          + "): is another program using the port? Set " + ConfigKeys.API_PORT + " to another one, or to 0 for any free port.");
    }
    return new ApiServer(server, host);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new ConfigException(ConfigKeys.API_HOST + " is '" + host + "', which is not an address of this machine: expected one like "
          + "127.0.0.1 or 0.0.0.0.");
    }
  }

  private static void settings(JavalinConfig javalin) {
    javalin.startup.showJavalinBanner = false;
    javalin.startup.showOldJavalinVersionWarning = false;
    javalin.startup.startupWatcherEnabled = false;
    javalin.http.maxRequestSize = 0;
    javalin.http.prefer405over404 = true;
    javalin.jetty.threadPool = threads();
    javalin.jetty.modifyHttpConfiguration(ApiServer::http);
    javalin.jetty.modifyServer(jetty -> jetty.setErrorHandler(new ProblemPages()));
    javalin.jetty.modifyServletContextHandler(handler -> handler.getServletHandler().setDecodeAmbiguousURIs(true));
  }

  private static QueuedThreadPool threads() {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
    threads.setName("http-api");
    threads.setDaemon(true);
    return threads;
  }

  private static void http(HttpConfiguration http) {
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setRequestHeaderSize(MAX_HEADER_BYTES);
    http.setIdleTimeout(IDLE_MS);
    // Ids may hold anything, encoded (NUL alone Jetty refuses); no path here names a file, so nothing is ambiguous.
    http.setUriCompliance(UriCompliance.DEFAULT.with("object-ids", Violation.AMBIGUOUS_PATH_SEPARATOR, Violation.AMBIGUOUS_PATH_ENCODING,
        Violation.AMBIGUOUS_PATH_SEGMENT, Violation.AMBIGUOUS_EMPTY_SEGMENT, Violation.AMBIGUOUS_PATH_PARAMETER,
        Violation.SUSPICIOUS_PATH_CHARACTERS));
  }

  /** On loopback a foreign Host means that a web page made a name of its own resolve to this machine. */
  private static void refuseForeignNames(Context context) {
    String name = context.header("Host");
    if (name != null && !LOCAL_HOST.matcher(name).matches()) {
      context.skipRemainingHandlers();
      problem(context, 421, "Misdirected request", "This API listens on this machine only: address it as localhost or 127.0.0.1.");
    }
  }

  private static void object(Context context, ObjectQueries queries) {
    Optional<String> id = ObjectPath.id(context.req().getRequestURI());
    if (id.isEmpty()) {
      problem(context, 400, "Bad request", "The path holds no object id: expected " + ObjectPath.PREFIX + "{id}, percent-encoded UTF-8.");
      return;
    }
    try {
      boolean withLedger = "true".equals(context.queryParam("ledger"));
      Optional<ObjectView> object = queries.find(id.get(), withLedger);
      if (object.isPresent()) {
        context.contentType(JSON).result(Json.object(object.get(), withLedger));
      } else {
        problem(context, 404, "No such object", "There is no object '" + id.get()
            + "': none of its images has been folded, or it was removed.");
      }
    } catch (QueryUnavailableException e) {
      context.header("Retry-After", "1");
      problem(context, 503, "Not available here and now", e.getMessage());
    }
  }

  private static void checks(Context context, List<Health.Check> checks) {
    boolean ok = checks.stream().allMatch(Health.Check::ok);
    context.status(ok ? 200 : 503).contentType(JSON).result(Json.checks(ok ? "ok" : "failing", checks));
  }

  private static void errors(JavalinConfig javalin) {
    javalin.routes.exception(Exception.class, (e, context) -> {
      log.error("{} {} failed", context.method(), context.path(), e);
      problem(context, 500, "Internal error", "The request failed; the reason is in this instance's log.");
    });
    javalin.routes.error(404, context -> {
      if (!PROBLEM.equals(context.res().getContentType())) {
        problem(context, 404, "No such path", "Expected " + ObjectPath.PREFIX + "{id}, /v1/models, /health/live, /health/ready or "
            + "/metrics.");
      }
    });
    javalin.routes.error(405, context -> problem(context, 405, "Method not allowed", "Expected GET."));
  }

  private static void problem(Context context, int status, String title, String detail) {
    context.status(status).contentType(PROBLEM).result(Json.problem(status, title, detail));
  }

  private static String rootMessage(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }

  /** Where the API answers, with the port that was really taken. */
  public URI url() {
    String name = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + name + ":" + server.port());
  }

  /** Stops listening; requests under way are cut off. */
  @Override
  public void close() {
    server.stop();
  }
}
