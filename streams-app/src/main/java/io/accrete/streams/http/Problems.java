package io.accrete.streams.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.router.EndpointNotFound;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EofException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes problem documents (RFC 9457) of whatever handlers throw. */
final class Problems implements Routes {
  static final String TYPE = "application/problem+json";
  private static final Logger log = LoggerFactory.getLogger(Problems.class);

  @Override
  public void addTo(RoutesConfig routes) {
    routes.exception(ProblemException.class, (problem, context) -> send(context, problem));
    routes.exception(QueryUnavailableException.class, (e, context) -> send(context, ProblemException.unavailable(e.getMessage())));
    routes.exception(EndpointNotFound.class, (e, context) -> send(context, ProblemException.notFound("No such path",
        "There is nothing at this path; " + OperationRoutes.OPENAPI + " lists what there is. Ids are one segment each, percent-encoded.")));
    routes.exception(MethodNotAllowedResponse.class, (e, context) -> send(context, notAllowed(e)));
    routes.exception(HttpResponseException.class, (e, context) ->
        send(context, new ProblemException(e.getStatus(), HttpStatus.getMessage(e.getStatus()), e.getMessage())));
    routes.exception(EofException.class, (e, context) -> log.debug("{} {} was left by its client", context.method(), context.path()));
    routes.exception(Exception.class, (e, context) -> send(context, failure(e, context)));
  }

  private static ProblemException failure(Exception e, Context context) {
    return refusal(e).map(code -> ProblemPages.problem(code)).orElseGet(() -> {
      log.error("{} {} failed", context.method(), context.path(), e);
      return ProblemPages.problem(HttpStatus.INTERNAL_SERVER_ERROR_500);
    });
  }

  /** Jetty's own about a request, such as a body that is too large. */
  private static Optional<Integer> refusal(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof HttpException http && http.getCode() < HttpStatus.INTERNAL_SERVER_ERROR_500) {
        return Optional.of(http.getCode());
      }
    }
    return Optional.empty();
  }

  private static ProblemException notAllowed(MethodNotAllowedResponse e) {
    String allowed = String.join(", ", e.getDetails().values());
    return new ProblemException(HttpStatus.METHOD_NOT_ALLOWED_405, "Method not allowed", "Expected " + allowed + ".")
        .header("Allow", allowed);
  }

  static void send(Context context, ProblemException problem) {
    problem.headers().forEach((name, value) -> context.header(name, value));
    byte[] document = Json.problem(problem).getBytes(StandardCharsets.UTF_8); // Jetty would make Latin-1 of a text of this type
    context.status(problem.status()).contentType(TYPE).result(document);
  }
}
