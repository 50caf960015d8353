package io.accrete.streams.http;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.SizeUnit;
import io.javalin.util.JavalinBindException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigException;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.SizeLimitHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The HTTP server of one instance. What it answers is in {@link Routes}, one for each concern, and described by {@code openapi.yaml};
 * here are the bounds of all requests. Who may ask is decided by {@link Access}.
 */
public final class ApiServer implements AutoCloseable {
  private static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final int MAX_THREADS = 32;
  private static final long IDLE_MS = 30_000;

  private final Javalin server;
  private final String host;
  private final List<Routes> routes;

  private ApiServer(Javalin server, String host, List<Routes> routes) {
    this.server = server;
    this.host = host;
    this.routes = routes;
  }

  /**
   * Starts listening on {@code http.host} and {@code http.port}.
   *
   * @param routes closed with the server, or if it cannot start
   * @throws ConfigException if that address cannot be listened on, or others can reach it and there are no tokens
   */
  public static ApiServer start(AccreteConfig config, List<Routes> routes) {
    try {
      return open(config, routes);
    } catch (RuntimeException e) {
      routes.forEach(Routes::close);
      throw e;
    }
  }

  private static ApiServer open(AccreteConfig config, List<Routes> routes) {
    String host = config.getString(ConfigKeys.API_HOST);
    int port = config.getInt(ConfigKeys.API_PORT);
    int largestBody = config.getInt(ConfigKeys.IMAGE_MAX_BYTES) + Bodies.MULTIPART_BYTES;
    Access access = Access.of(config, isLoopback(host));
    Javalin server = Javalin.create(javalin -> {
      settings(javalin, largestBody);
      access.addTo(javalin.routes);
      new Problems().addTo(javalin.routes);
      routes.forEach(each -> each.addTo(javalin.routes));
    });
    try {
      server.start(host, port);
    } catch (JavalinBindException e) {
      server.stop();
      throw new ConfigException("The HTTP API cannot listen on " + host + ":" + port + " (" + rootMessage(e)
          + "): is another program using the port? Set " + ConfigKeys.API_PORT + " to another one, or to 0 for any free port.");
    }
    return new ApiServer(server, host, routes);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new ConfigException(ConfigKeys.API_HOST + " is '" + host + "', which is not an address of this machine: expected one like "
          + "127.0.0.1 or 0.0.0.0.");
    }
  }

  private static void settings(JavalinConfig javalin, int largestBody) {
    javalin.startup.showJavalinBanner = false;
    javalin.startup.showOldJavalinVersionWarning = false;
    javalin.startup.startupWatcherEnabled = false;
    javalin.http.maxRequestSize = largestBody;
    javalin.http.prefer405over404 = true;
    javalin.router.ignoreTrailingSlashes = false; // an id may be empty by mistake, and is then not the list of all
    javalin.jetty.threadPool = threads();
    javalin.jetty.modifyHttpConfiguration(ApiServer::http);
    javalin.jetty.modifyServer(jetty -> bound(jetty, largestBody));
    javalin.jetty.modifyServletContextHandler(handler -> handler.getServletHandler().setDecodeAmbiguousURIs(true));
    javalin.jetty.multipartConfig.maxInMemoryFileSize(largestBody, SizeUnit.BYTES); // no temporary files
    javalin.jetty.multipartConfig.maxFileSize(largestBody, SizeUnit.BYTES);
    javalin.jetty.multipartConfig.maxTotalRequestSize(largestBody, SizeUnit.BYTES);
  }

  private static void bound(Server jetty, int largestBody) {
    jetty.setErrorHandler(new ProblemPages());
    jetty.insertHandler(new SizeLimitHandler(largestBody, -1)); // of bodies that do not say their length, too
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

  /** What is answered, as "METHOD path" with parameters in braces. */
  public Set<String> routes() {
    return server.unsafe.internalRouter.allHttpHandlers().stream().map(handler -> handler.endpoint)
        .filter(endpoint -> endpoint.method.isHttpMethod()).map(endpoint -> endpoint.method + " " + endpoint.path)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Stops listening; requests under way are cut off. */
  @Override
  public void close() {
    server.stop();
    routes.forEach(Routes::close);
  }
}
