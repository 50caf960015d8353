package io.accrete.streams.http;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Answers requests that are too broken to reach a handler, with a problem document in place of Jetty's page. */
final class ProblemPages extends ErrorHandler {
  @Override
  protected void generateResponse(Request request, Response response, int status, String message, Throwable cause, Callback callback) {
    String detail = status >= 500 && cause != null ? "The request failed; the reason is in this instance's log."
        : "The request is not one that this API understands: expected GET of a percent-encoded path, with headers of common size.";
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, ApiServer.PROBLEM);
    Content.Sink.write(response, true, Json.problem(status, HttpStatus.getMessage(status), detail), callback);
  }
}
