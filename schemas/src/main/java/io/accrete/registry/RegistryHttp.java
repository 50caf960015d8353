package io.accrete.registry;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests to the registry: tries its addresses in turn, again after a pause, and turns answers into JSON or exceptions. */
final class RegistryHttp implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegistryHttp.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final String ACCEPT = CONTENT_TYPE + ", application/json; q=0.9";
  private static final int MAX_ANSWER_BYTES = 16 * 1024 * 1024;
  private static final int NOT_FOUND = 404;
  private static final int TOO_MANY_REQUESTS = 429;

  private final RegistryConfig config;
  private final List<URI> urls;
  private final HttpClient client;
  private final String authorization;
  private volatile int preferred; // the address that answered last

  RegistryHttp(RegistryConfig config) {
    this.config = config;
    this.urls = config.urls();
    HttpClient.Builder builder = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER) // credentials go to the configured addresses only
        .connectTimeout(Duration.ofMillis(config.getInt(RegistryConfig.CONNECT_TIMEOUT)));
    if (urls.stream().anyMatch(url -> "https".equals(url.getScheme()))) {
      builder.sslContext(RegistryTls.context(config));
    }
    this.client = builder.build();
    String userInfo = config.getPassword(RegistryConfig.USER_INFO).value();
    this.authorization = userInfo.isEmpty() ? null
        : "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
  }

  JsonNode get(String path) {
    return send("GET", path, null);
  }

  /** Sends a request, with a JSON body unless it is null, and returns the JSON of a successful answer. */
  JsonNode send(String method, String path, JsonNode body) {
    RegistryUnavailableException last = null;
    int rounds = 1 + config.getInt(RegistryConfig.MAX_RETRIES);
    for (int round = 0; round < rounds; round++) {
      if (round > 0) {
        pause(round, last);
      }
      int first = preferred;
      for (int i = 0; i < urls.size(); i++) {
        int index = (first + i) % urls.size();
        try {
          JsonNode answer = exchange(urls.get(index), method, path, body);
          preferred = index;
          return answer;
        } catch (RegistryUnavailableException e) {
          if (e.errorCode() == 401 || e.errorCode() == 403) {
            throw e; // guessing on would only lock the account
          }
          log.debug("{}", e.getMessage());
          last = e;
        }
      }
    }
    throw last;
  }

  private JsonNode exchange(URI base, String method, String path, JsonNode body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
        .header("Accept", ACCEPT)
        .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()));
    if (body != null) {
      request.header("Content-Type", CONTENT_TYPE);
    }
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return interpret(base, path, await(base, request.build()));
  }

  /** The JDK's own request timeout ends with the headers; this one covers the body too. */
  private HttpResponse<byte[]> await(URI base, HttpRequest request) {
    CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request, info -> new LimitedBody(MAX_ANSWER_BYTES));
    int timeout = config.getInt(RegistryConfig.READ_TIMEOUT);
    try {
      return answer.get(timeout, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw unreachable(base, "no answer within " + timeout + " ms", e);
    } catch (ExecutionException e) {
      throw unreachable(base, reason(e.getCause()), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable(base, "interrupted while waiting", e);
    } finally {
      answer.cancel(true);
    }
  }

  private static JsonNode interpret(URI base, String path, HttpResponse<byte[]> response) {
    int status = response.statusCode();
    JsonNode answer = parse(response.body());
    if (status / 100 == 2 && !answer.isMissingNode()) {
      return answer;
    }
    int code = answer.path("error_code").asInt(status);
    String said = RegistryException.abbreviate(answer.path("message").asText("no explanation"));
    if (status == NOT_FOUND && code / 100 == NOT_FOUND) {
      throw new UnknownSchemaException("The schema registry at " + base + " does not know " + path + ": " + said
          + " (" + code + ").", code);
    }
    if (status == 401 || status == 403) {
      throw new RegistryUnavailableException("The schema registry at " + base + " refuses this client (HTTP " + status + "). Check "
          + RegistryConfig.USER_INFO + " and the rights of that user.", status, null);
    }
    if (status >= 500 || status == TOO_MANY_REQUESTS) {
      throw new RegistryUnavailableException("The schema registry at " + base + " fails: " + said + " (" + code + ").", code, null);
    }
    if (status / 100 != 4 || status == NOT_FOUND || !answer.has("error_code")) {
      throw new RegistryUnavailableException(base + " does not answer " + path + " like a schema registry (HTTP " + status
          + "). Check the address in " + RegistryConfig.URL + ", its path included.", status, null);
    }
    throw new RegistryException("The schema registry at " + base + " refuses " + path + ": " + said + " (" + code + ").", code, null);
  }

  private static JsonNode parse(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory", e);
    }
  }

  private RegistryUnavailableException unreachable(URI base, String why, Throwable cause) {
    return new RegistryUnavailableException("The schema registry at " + base + " cannot be reached: " + why + ". Is it running, and is "
        + RegistryConfig.URL + " (" + urls.stream().map(URI::toString).collect(Collectors.joining(",")) + ") right?", 0, cause);
  }

  private static String reason(Throwable cause) {
    String message = cause.getMessage();
    return cause.getClass().getSimpleName() + (message == null ? "" : ", " + message);
  }

  private void pause(int round, RegistryUnavailableException last) {
    long bound = config.getInt(RegistryConfig.RETRY_MAX_WAIT);
    long wait = Math.min(bound, (long) config.getInt(RegistryConfig.RETRY_WAIT) << Math.min(round - 1, 20));
    try {
      Thread.sleep(wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2 + 1)); // jitter: instances do not come back in step
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw last;
    }
  }

  /** Ends the client's threads where the JDK offers it (21 and later); before, they end when it is collected. */
  @Override
  public void close() {
    if (client instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        log.debug("closing the HTTP client", e);
      }
    }
  }
}
