package io.accrete.content;

import static io.accrete.content.ContentException.Reason.NOT_ALLOWED;
import static io.accrete.content.ContentException.Reason.NOT_FOUND;
import static io.accrete.content.ContentException.Reason.UNREACHABLE;

import io.accrete.config.ConfigKeys;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Downloads by http and https from allowed hosts at allowed addresses.
 *
 * <p>Redirects are followed here and not by the client, so that every hop passes the same checks as the reference itself. Answers
 * are not decompressed, cookies, credentials and proxies are not used.
 */
final class HttpContent implements ContentSource {
  private static final int MAX_REDIRECTS = 5;
  private static final int MAX_RETRIES = 2;
  private static final int MAX_CONNECTIONS = 64;
  private static final int MAX_CONNECTIONS_PER_HOST = 16;

  private final HostRules hosts;
  private final ModelStore store;
  private final TimeLimit time;
  private final CloseableHttpClient client;
  private final CloseableHttpClient storeClient;

  /** @param silence longest time without a byte */
  HttpContent(HostRules hosts, Networks networks, CheckedDns.Lookup lookup, ModelStore store, TimeLimit time, Duration silence) {
    this.hosts = hosts;
    this.store = store;
    this.time = time;
    this.client = client(new CheckedDns(networks, lookup), Timeout.of(silence));
    this.storeClient = client(new CheckedDns(Networks.ALL, lookup), Timeout.of(silence));
  }

  private static CloseableHttpClient client(CheckedDns dns, Timeout timeout) {
    Http1Config bounded = Http1Config.custom().setMaxLineLength(16 * 1024).setMaxHeaderCount(200).build();
    return HttpClientBuilder.create()
        .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
            .setDnsResolver(dns)
            .setMaxConnTotal(MAX_CONNECTIONS)
            .setMaxConnPerRoute(MAX_CONNECTIONS_PER_HOST)
            .setConnectionFactory(ManagedHttpClientConnectionFactory.builder().http1Config(bounded).build())
            .setDefaultConnectionConfig(ConnectionConfig.custom()
                .setConnectTimeout(timeout)
                .setSocketTimeout(timeout)
                .setTimeToLive(TimeValue.ofMinutes(1)) // so that a change of DNS or of certificates is seen
                .build())
            .build())
        .setDefaultRequestConfig(RequestConfig.custom()
            .setConnectionRequestTimeout(timeout)
            .setResponseTimeout(timeout)
            .setProtocolUpgradeEnabled(false)
            .build())
        .setRoutePlanner(new DefaultRoutePlanner(null)) // always direct
        .setRetryStrategy(new Retries(timeout))
        .setUserAgent("accrete")
        .disableRedirectHandling()
        .disableContentCompression()
        .disableCookieManagement()
        .disableAuthCaching()
        .build();
  }

  @Override
  public void copy(String reference, SizeLimit size, OutputStream to) throws ContentException {
    URI uri = References.parse(reference);
    check(uri);
    AtomicReference<HttpGet> current = new AtomicReference<>();
    time.run(() -> follow(uri, size, to, current), () -> {
      HttpGet request = current.get();
      if (request != null) {
        request.abort();
      }
    }, References.shown(uri));
  }

  @Override
  public void check(String reference) throws ContentException {
    check(References.parse(reference));
  }

  private void follow(URI start, SizeLimit size, OutputStream to, AtomicReference<HttpGet> current) throws ContentException, IOException {
    URI uri = start;
    for (int hop = 0; hop <= MAX_REDIRECTS && !Thread.currentThread().isInterrupted(); hop++) {
      HttpGet request = new HttpGet(uri);
      current.set(request);
      try (ClassicHttpResponse response = client(uri).executeOpen(HttpHost.create(uri), request, null)) {
        try {
          if (response.getCode() < 300 || response.getCode() >= 400) {
            body(response, size, to, References.shown(uri));
            return;
          }
          uri = target(uri, response);
        } finally {
          request.abort(); // without it, closing reads what is left, however much that is; does nothing after a full read
        }
      } catch (CheckedDns.Refused e) {
        throw new ContentException(NOT_ALLOWED, "The address of the host of " + References.shown(uri)
            + " is loopback, private or otherwise not public: " + ConfigKeys.HTTP_PRIVATE_NETWORKS + " does not list it.", e);
      }
    }
    throw new ContentException(UNREACHABLE, References.shown(start) + " redirects more than " + MAX_REDIRECTS + " times.");
  }

  private URI target(URI from, ClassicHttpResponse response) throws ContentException {
    Header location = response.getFirstHeader("Location");
    if (location == null) {
      throw new ContentException(UNREACHABLE, References.shown(from) + " answered with HTTP " + response.getCode()
          + " and no place to go.");
    }
    URI target;
    try {
      target = References.parse(from.resolve(location.getValue()).toString());
    } catch (IllegalArgumentException e) {
      throw new ContentException(UNREACHABLE, References.shown(from) + " redirects to something that is not a URI.", e);
    }
    if (References.scheme(from).equals("https") && References.scheme(target).equals("http")) {
      throw new ContentException(NOT_ALLOWED, References.shown(from) + " redirects from https to http.");
    }
    check(target);
    return target;
  }

  private void check(URI uri) throws ContentException {
    if (!store.contains(uri)) {
      hosts.check(uri);
    }
  }

  /** Two clients and so two pools of connections: the store may be where references must not lead, even on the same host. */
  private CloseableHttpClient client(URI uri) {
    return store.contains(uri) ? storeClient : client;
  }

  private static void body(ClassicHttpResponse response, SizeLimit size, OutputStream to, String shown)
      throws ContentException, IOException {
    int status = response.getCode();
    if (status == 404 || status == 410) {
      throw new ContentException(NOT_FOUND, "There is nothing at " + shown + " (HTTP " + status + ").");
    }
    if (status != 200) {
      throw new ContentException(UNREACHABLE, shown + " answered with HTTP " + status + ": expected 200.");
    }
    HttpEntity entity = response.getEntity();
    if (entity == null) {
      return;
    }
    if (entity.getContentEncoding() != null && !entity.getContentEncoding().equalsIgnoreCase("identity")) {
      throw new ContentException(UNREACHABLE, shown + " answered with a Content-Encoding although none was asked for: "
          + "serve the file as it is.");
    }
    size.check(entity.getContentLength(), shown);
    size.copy(entity.getContent(), to, shown);
  }

  @Override
  public void close() {
    client.close(CloseMode.IMMEDIATE);
    storeClient.close(CloseMode.IMMEDIATE);
    time.close();
  }

  /** The client's own retries, for what may be better in a moment: broken connections, 429 and the 5xx of overload. */
  private static final class Retries extends DefaultHttpRequestRetryStrategy {
    private static final TimeValue PAUSE = TimeValue.ofMilliseconds(200);

    private final TimeValue limit;

    Retries(TimeValue limit) {
      super(MAX_RETRIES, PAUSE,
          List.of(UnknownHostException.class, InterruptedIOException.class, SSLException.class, MessageConstraintException.class),
          List.of(429, 500, 502, 503, 504));
      this.limit = limit;
    }

    @Override
    public boolean retryRequest(HttpResponse response, int execution, HttpContext context) {
      return super.retryRequest(response, execution, context) && getRetryInterval(response, execution, context).compareTo(limit) < 0;
    }

    @Override
    public TimeValue getRetryInterval(HttpRequest request, IOException failure, int execution, HttpContext context) {
      return PAUSE;
    }
  }
}
