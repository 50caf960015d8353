package io.accrete.streams.http;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Answers requests that are too broken or too large to reach a handler, with a problem document in place of Jetty's page. */
final class ProblemPages extends ErrorHandler {
  @Override
  protected void generateResponse(Request request, Response response, int status, String message, Throwable cause, Callback callback) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problems.TYPE);
    Access.HEADERS.forEach(response.getHeaders()::put);
    Content.Sink.write(response, true, Json.problem(problem(status)), callback);
  }

  /** The problem of a status that tells nothing of the request. */
  static ProblemException problem(int status) {
    String detail = status >= HttpStatus.INTERNAL_SERVER_ERROR_500 ? "The request failed; the reason is in this instance's log."
        : status == HttpStatus.PAYLOAD_TOO_LARGE_413 ? "The body is larger than any that this API takes; image.max.bytes is the bound."
        : "The request is not one that this API understands: expected a percent-encoded path, with headers of common size.";
    return new ProblemException(status, HttpStatus.getMessage(status), detail);
  }
}
