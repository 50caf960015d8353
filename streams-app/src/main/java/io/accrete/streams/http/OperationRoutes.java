package io.accrete.streams.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** What those who run an instance ask: health, metrics, and the description of the API. */
public final class OperationRoutes implements Routes {
  static final String OPENAPI = "/v1/openapi.yaml";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final Health health;
  private final PrometheusMeterRegistry metrics;

  public OperationRoutes(Health health, PrometheusMeterRegistry metrics) {
    this.health = health;
    this.metrics = metrics;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    byte[] openApi = openApi();
    check(routes, "/health/live", context -> checks(context, health.live()));
    check(routes, "/health/ready", context -> checks(context, health.ready()));
    routes.get("/metrics", context -> context.contentType(PROMETHEUS).result(metrics.scrape(PROMETHEUS)), Scope.OPEN);
    routes.get(OPENAPI, context -> context.contentType("application/yaml").result(openApi), Scope.OPEN);
  }

  /** HEAD, too: some load balancers ask so. */
  private static void check(RoutesConfig routes, String path, Handler handler) {
    routes.get(path, handler, Scope.OPEN);
    routes.head(path, handler, Scope.OPEN);
  }

  private static void checks(Context context, List<Health.Check> checks) {
    boolean ok = checks.stream().allMatch(Health.Check::ok);
    context.status(ok ? 200 : 503);
    Json.send(context, Json.checks(ok ? "ok" : "failing", checks));
  }

  /** The description of the API, OpenAPI 3.1. */
  private static byte[] openApi() {
    try (InputStream in = OperationRoutes.class.getResourceAsStream("/openapi.yaml")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
