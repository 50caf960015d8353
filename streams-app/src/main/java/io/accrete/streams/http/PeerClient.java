package io.accrete.streams.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Has other instances answer what this one cannot, with the token of whoever asked. An instance that is asked so is told by the header
 * {@value #LOCAL} to answer from its own partitions only and to ask nobody: there are no loops.
 *
 * <p>Answers are futures, to be given to {@link Context#future}: threads that waited for other instances, whose threads wait for this
 * one, would all wait.
 */
public final class PeerClient {
  /** Present on requests between instances. */
  public static final String LOCAL = "Accrete-Local";
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final List<String> TOLD_ON = List.of("Accept", "If-None-Match");
  private static final List<String> RELAYED =
      List.of("Content-Type", "Content-Disposition", "Content-Security-Policy", "Cache-Control", "ETag", "Retry-After", "Allow");

  private final Peers peers;
  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT)
      .followRedirects(HttpClient.Redirect.NEVER).proxy(HttpClient.Builder.NO_PROXY).build();

  public PeerClient(Peers peers) {
    this.peers = peers;
  }

  /** Whether another instance asks, and this one must answer from its own partitions and ask nobody. */
  public static boolean isLocalOnly(Context context) {
    return context.header(LOCAL) != null;
  }

  /**
   * Has a request that is about an object answered by the instance that has the object, if that is another one. To be called before the
   * body is read by anybody else.
   *
   * @return whether it is; if not, the caller answers, from what this instance has
   * @throws QueryUnavailableException if nobody is known to have the object's partition
   */
  public boolean relay(Context context, String objectId) throws QueryUnavailableException, IOException {
    return relay(context, objectId, Duration.ZERO);
  }

  /** The same with more patience than a request usually needs. */
  public boolean relay(Context context, String objectId, Duration more) throws QueryUnavailableException, IOException {
    if (isLocalOnly(context)) {
      return false;
    }
    Peer owner = peers.owner(objectId).orElseThrow(() -> new QueryUnavailableException("If there is such an object, it is in partition "
        + peers.partition(objectId) + ", which no instance is known to have now; try again in a few seconds, when it is assigned."));
    if (owner.self()) {
      return false;
    }
    byte[] body = context.req().getInputStream().readAllBytes(); // the server bounds it
    CompletableFuture<HttpResponse<byte[]>> answer = send(context, owner, context.method().name(), pathAndQuery(context),
        context.contentType(), body, PATIENCE.plus(more));
    context.future(() -> answer.handle((response, failure) -> {
      if (failure == null) {
        relay(context, response);
      } else {
        Problems.send(context, ProblemException.unavailable(reason(failure)));
      }
      return null;
    }));
    return true;
  }

  private static void relay(Context context, HttpResponse<byte[]> response) {
    context.status(response.statusCode());
    RELAYED.forEach(name -> response.headers().firstValue(name).ifPresent(value -> context.header(name, value)));
    context.result(response.body());
  }

  /** Asks another instance with GET. */
  public CompletableFuture<HttpResponse<byte[]>> get(Context onBehalfOf, Peer peer, String pathAndQuery) {
    return get(onBehalfOf, peer, pathAndQuery, PATIENCE);
  }

  /** The same with other patience. */
  public CompletableFuture<HttpResponse<byte[]>> get(Context onBehalfOf, Peer peer, String pathAndQuery, Duration patience) {
    return send(onBehalfOf, peer, "GET", pathAndQuery, null, new byte[0], patience);
  }

  /** Asks another instance with POST and a body of JSON. */
  public CompletableFuture<HttpResponse<byte[]>> post(Context onBehalfOf, Peer peer, String pathAndQuery, byte[] json) {
    return send(onBehalfOf, peer, "POST", pathAndQuery, Json.TYPE, json, PATIENCE);
  }

  /**
   * Asks another instance. An answer of whatever status is an answer, but for 401 and 403: instances that do not know each other's tokens
   * cannot answer together. Without an answer the future ends with a {@link QueryUnavailableException} that says why, for people.
   */
  private CompletableFuture<HttpResponse<byte[]>> send(Context onBehalfOf, Peer peer, String method, String pathAndQuery, String type,
      byte[] body, Duration patience) {
    BodyPublisher content = body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body);
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + peer.address() + pathAndQuery)).timeout(patience)
        .method(method, content).header(LOCAL, "true");
    Access.token(onBehalfOf).filter(token -> !token.isEmpty()).ifPresent(token -> request.header("Authorization", "Bearer " + token));
    TOLD_ON.forEach(name -> Optional.ofNullable(onBehalfOf.header(name)).ifPresent(value -> request.header(name, value)));
    if (type != null) {
      request.header("Content-Type", type);
    }
    return http.sendAsync(request.build(), BodyHandlers.ofByteArray()).handle((response, failure) -> {
      if (failure != null) {
        throw new CompletionException(new QueryUnavailableException("Instance " + peer.address() + ", which has what was asked for, "
            + told(failure, patience) + "; if it is gone, others take its partitions over in a few seconds: try again."));
      }
      if (response.statusCode() == 401 || response.statusCode() == 403) {
        throw new CompletionException(new QueryUnavailableException("Instance " + peer.address() + ", which has what was asked for, does "
            + "not accept the token that this one accepted: all instances need the same http.tokens.*."));
      }
      return response;
    });
  }

  private static String told(Throwable failure, Duration patience) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof HttpTimeoutException ? "did not answer within " + patience.toSeconds() + " s"
        : cause instanceof java.net.ConnectException ? "cannot be connected to" : "broke off before it had answered";
  }

  /** Why an answer did not come, for people. */
  public static String reason(Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    return cause instanceof QueryUnavailableException ? cause.getMessage() : "Another instance could not be asked.";
  }

  /** As the request had it; encoded anew, as servers take more than addresses may hold. */
  private static String pathAndQuery(Context context) {
    String path = Stream.of(context.req().getRequestURI().split("/", -1)).map(segment -> PathIds.encode(PathIds.decode(segment)
        .orElseThrow(() -> ProblemException.badRequest("The path is not percent-encoded UTF-8.")))).collect(Collectors.joining("/"));
    String query = context.queryParamMap().entrySet().stream()
        .flatMap(each -> each.getValue().stream().map(value -> encoded(each.getKey()) + "=" + encoded(value)))
        .collect(Collectors.joining("&"));
    return query.isEmpty() ? path : path + "?" + query;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
