package io.accrete.content;

import static io.accrete.content.ContentAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.accrete.config.AccreteConfig;
import io.accrete.content.ContentException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpContentTest {
  private static final byte[] PHOTO = {1, 2, 3};

  private final AtomicInteger requests = new AtomicInteger();
  private final Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();
  private final List<String> headers = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private ContentResolver content;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    on("/photo.jpg", exchange -> respond(exchange, 200, PHOTO));
    server.start();
    content = resolver(Map.of());
  }

  @AfterEach
  void stop() {
    content.close();
    server.stop(0);
  }

  private static ContentResolver resolver(Map<String, String> settings) {
    return resolver(settings, InetAddress::getAllByName);
  }

  private static ContentResolver resolver(Map<String, String> settings, CheckedDns.Lookup lookup) {
    Map<String, String> values = new HashMap<>(Map.of("content.http.hosts", "*", "content.http.private.networks", "127.0.0.0/8",
        "image.max.bytes", "4096"));
    values.putAll(settings);
    return ContentResolvers.from(AccreteConfig.of(values), lookup);
  }

  private interface Handler {
    void handle(HttpExchange exchange) throws IOException;
  }

  private void on(String path, Handler handler) {
    server.createContext(path, exchange -> {
      requests.incrementAndGet();
      clients.add(exchange.getRemoteAddress());
      exchange.getRequestHeaders().forEach((name, values) -> headers.add(name + ": " + values));
      try (exchange) {
        handler.handle(exchange);
      }
    });
  }

  private static void respond(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  private void redirect(String path, String location) {
    on(path, exchange -> {
      exchange.getResponseHeaders().set("Location", location);
      respond(exchange, 302, new byte[0]);
    });
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private void refused(String uri, Reason reason) {
    assertRefused(content, uri, reason);
  }

  @Test
  void shouldReadAndReuseTheConnection() throws ContentException {
    for (int i = 0; i < 3; i++) {
      assertThat(content.fetch(url("/photo.jpg?size=large"))).isEqualTo(PHOTO);
    }
    assertThat(clients).hasSize(1);
  }

  @Test
  void shouldSendNothingThatIdentifiesTheHost() throws ContentException {
    on("/cookie.jpg", exchange -> {
      exchange.getResponseHeaders().set("Set-Cookie", "id=1");
      respond(exchange, 200, PHOTO);
    });
    content.fetch(url("/cookie.jpg"));
    content.fetch(url("/photo.jpg"));

    assertThat(headers).extracting(header -> header.substring(0, header.indexOf(':'))).containsOnly("Host", "User-agent", "Connection");
    assertThat(headers).contains("User-agent: [accrete]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
      "http://[::ffff:7f00:1]/", "http://0.0.0.0/", "http://[::]/", "http://localhost/", "http://169.254.169.254/latest/meta-data/",
      "http://[fe80::1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://10.0.0.1/", "http://192.168.0.1:8080/",
          "https://127.0.0.1/"})
  void shouldNotConnectToAddressesThatAreNotPublic(String uri) {
    try (ContentResolver publicOnly = resolver(Map.of("content.http.private.networks", "", "content.http.timeout.ms", "5000"))) {
      ContentException refused = ContentAssertions.assertRefused(publicOnly, uri, Reason.NOT_ALLOWED);
      assertThat(refused.getMessage()).contains(uri.substring(0, uri.indexOf('/', 8)));
    }
  }

  @Test
  void shouldConnectOnlyToTheAddressThatWasChecked() throws IOException {
    AtomicInteger lookups = new AtomicInteger();
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    InetAddress publicAddress = InetAddress.getByName("203.0.114.1");
    // A name server that answers with a public address first and with loopback whenever it is asked again.
    CheckedDns dns = new CheckedDns(new Networks(List.of()), host -> new InetAddress[] {lookups.getAndIncrement() == 0 ? publicAddress
        : loopback});
    assertThat(dns.resolve("rebind.test")).containsExactly(publicAddress);
    assertThatThrownBy(() -> dns.resolve("rebind.test")).isInstanceOf(CheckedDns.Refused.class);

    try (ContentResolver rebound = resolver(Map.of("content.http.private.networks", ""), host -> new InetAddress[] {loopback})) {
      assertRefused(rebound, "http://rebind.test:" + server.getAddress().getPort() + "/photo.jpg", Reason.NOT_ALLOWED);
    }
    assertThat(requests).hasValue(0);
  }

  @Test
  void shouldUseOnlyTheAllowedAmongSeveralAddresses() throws Exception {
    InetAddress[] mixed = {InetAddress.getByName("10.0.0.1"), InetAddress.getByName("127.0.0.1")};
    try (ContentResolver mixedAnswers = resolver(Map.of(), host -> mixed)) {
      assertThat(mixedAnswers.fetch("http://photos.test:" + server.getAddress().getPort() + "/photo.jpg")).isEqualTo(PHOTO);
    }
  }

  @Test
  void shouldAllowHostsByPattern() throws Exception {
    InetAddress[] loopback = {InetAddress.getByName("127.0.0.1")};
    String rest = ":" + server.getAddress().getPort() + "/photo.jpg";
    try (ContentResolver some = resolver(Map.of("content.http.hosts", "Photos.test, *.cdn.test"), host -> loopback)) {
      assertThat(some.fetch("http://photos.TEST" + rest)).isEqualTo(PHOTO);
      assertThat(some.fetch("http://photos.test." + rest)).isEqualTo(PHOTO);
      assertThat(some.fetch("http://a.b.cdn.test" + rest)).isEqualTo(PHOTO);
      for (String host : List.of("cdn.test", "evilcdn.test", "x.photos.test", "photos.test.evil.test", "127.0.0.1", "[::1]",
          "xn--photos.test")) {
        assertRefused(some, "http://" + host + rest, Reason.NOT_ALLOWED);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://a", "a:80", "*.*", "a*", "*.", "a/b", "-", "a b", ""})
  void shouldExplainMalformedHostPatterns(String pattern) {
    assertThatThrownBy(() -> new HostRules(List.of(pattern))).isInstanceOf(ConfigException.class).hasMessageContaining("'" + pattern + "'");
  }

  @Test
  void shouldRefuseUserInformationAndKeepSecretsOutOfMessages() {
    assertThat(assertRefused(content, "http://user:hunter2@127.0.0.1/a.jpg", Reason.NOT_ALLOWED)).hasMessageNotContaining("hunter2");
    assertThat(assertRefused(content, "http://user:hunter2@127.0.0.1/a b.jpg", Reason.INVALID_URI)).hasMessageNotContaining("hunter2");
    assertThat(assertRefused(content, url("/none?X-Amz-Signature=hunter2#hunter2"), Reason.NOT_FOUND)).hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http:photo.jpg", "http:///photo.jpg", "http://", "http://host:0/", "http://host:99999/",
      "http://under_score/", "http://exämple.com/a", "http://[::1", "http://a b/", "http://127.1/", "http://2130706433/",
      "http://0x7f.1/", "http://0177.0.0.1/", "http://127.0.0.1./", "http://127.0.0.0x1/",
      "http://1.2.3.4.5/", "http://999999999999/"})
  void shouldExplainMalformedReferences(String uri) {
    refused(uri, Reason.INVALID_URI);
  }

  @Test
  void shouldTellWhatTheServerSaid() {
    on("/gone.jpg", exchange -> respond(exchange, 410, PHOTO));
    on("/forbidden.jpg", exchange -> respond(exchange, 403, PHOTO));
    on("/partial.jpg", exchange -> respond(exchange, 206, PHOTO));

    refused(url("/none.jpg"), Reason.NOT_FOUND);
    refused(url("/gone.jpg"), Reason.NOT_FOUND);
    assertThat(assertRefused(content, url("/forbidden.jpg"), Reason.UNREACHABLE)).hasMessageContaining("403");
    assertThat(assertRefused(content, url("/partial.jpg"), Reason.UNREACHABLE)).hasMessageContaining("206");
    assertThat(requests).hasValue(3); // and no retries
  }

  @Test
  void shouldRetryWhatMayBeBetterInAMomentAndOnlySoOften() throws ContentException {
    on("/recovers.jpg", exchange -> respond(exchange, requests.get() < 3 ? 503 : 200, PHOTO));
    assertThat(content.fetch(url("/recovers.jpg"))).isEqualTo(PHOTO);
    assertThat(requests).hasValue(3);

    requests.set(0);
    on("/busy.jpg", exchange -> respond(exchange, 429, PHOTO));
    refused(url("/busy.jpg"), Reason.UNREACHABLE);
    assertThat(requests).hasValue(3);
  }

  @Test
  void shouldRetryAConnectionThatBreaksBeforeTheAnswer() throws Exception {
    AtomicInteger answers = new AtomicInteger();
    try (RawServer flaky = new RawServer(out -> {
      if (answers.incrementAndGet() > 1) {
        RawServer.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
      }
    })) {
      assertThat(content.fetch(flaky.url())).asString().isEqualTo("abc");
    }
  }

  @Test
  void shouldGiveUpOnRetryAfterBeyondTheTimeLimit() {
    on("/later.jpg", exchange -> {
      exchange.getResponseHeaders().set("Retry-After", "86400");
      respond(exchange, 503, PHOTO);
    });
    try (ContentResolver impatient = resolver(Map.of("content.http.timeout.ms", "400"))) {
      assertThat(assertRefused(impatient, url("/later.jpg"), Reason.UNREACHABLE)).hasMessageContaining("503");
    }
    assertThat(requests).hasValue(1); // and no wait either: the status is what is reported
  }

  @Test
  void shouldReportAPortWhereNobodyListens() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertThat(assertRefused(content, "http://127.0.0.1:" + port + "/a.jpg", Reason.UNREACHABLE)).hasMessageContaining("no connection");
    assertThat(assertRefused(content, "http://does-not-exist.invalid/a.jpg",
        Reason.UNREACHABLE)).hasMessageContaining("cannot be resolved");
  }

  @Test
  void shouldFollowRedirectsAndCheckEveryHop() throws ContentException {
    redirect("/relative", "/photo.jpg");
    redirect("/twice", url("/relative"));
    redirect("/private", "http://10.0.0.1/photo.jpg");
    redirect("/metadata", "http://169.254.169.254/latest/");
    redirect("/file", "file:///etc/passwd");
    redirect("/userinfo", "http://a:b@127.0.0.1/photo.jpg");
    redirect("/garbage", "http://[bad/");
    redirect("/loop", "/loop");

    assertThat(content.fetch(url("/relative"))).isEqualTo(PHOTO);
    assertThat(content.fetch(url("/twice"))).isEqualTo(PHOTO);
    refused(url("/private"), Reason.NOT_ALLOWED);
    refused(url("/metadata"), Reason.NOT_ALLOWED);
    refused(url("/file"), Reason.NOT_ALLOWED);
    refused(url("/userinfo"), Reason.NOT_ALLOWED);
    refused(url("/garbage"), Reason.UNREACHABLE);
    requests.set(0);
    refused(url("/loop"), Reason.UNREACHABLE);
    assertThat(requests).hasValue(6);
  }

  @Test
  void shouldRefuseRedirectsToOtherHostsThanAllowed() throws Exception {
    redirect("/elsewhere", "http://evil.test:" + server.getAddress().getPort() + "/photo.jpg");
    InetAddress[] loopback = {InetAddress.getByName("127.0.0.1")};
    try (ContentResolver some = resolver(Map.of("content.http.hosts", "127.0.0.1"), host -> loopback)) {
      assertRefused(some, url("/elsewhere"), Reason.NOT_ALLOWED);
    }
    assertThat(requests).hasValue(1);
  }

  @Test
  void shouldHoldTheSizeLimitWhateverTheServerAnnounces() throws Exception {
    on("/largest.jpg", exchange -> respond(exchange, 200, new byte[4096]));
    on("/larger.jpg", exchange -> respond(exchange, 200, new byte[4097]));
    assertThat(content.fetch(url("/largest.jpg"))).hasSize(4096);
    refused(url("/larger.jpg"), Reason.TOO_LARGE);

    try (RawServer endless = new RawServer(out -> {
      RawServer.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      while (true) {
        RawServer.write(out, "400\r\n" + "x".repeat(1024) + "\r\n");
      }
    })) {
      refused(endless.url(), Reason.TOO_LARGE);
    }
    try (RawServer untilClose = new RawServer(out -> {
      RawServer.write(out, "HTTP/1.1 200 OK\r\n\r\n");
      while (true) {
        RawServer.write(out, "x".repeat(1024));
      }
    })) {
      refused(untilClose.url(), Reason.TOO_LARGE);
    }
  }

  @Test
  void shouldNotTakeATruncatedBodyForAWholeOne() throws Exception {
    try (RawServer lying = new RawServer(out -> RawServer.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"))) {
      refused(lying.url(), Reason.UNREACHABLE);
    }
    try (RawServer negative = new RawServer(out -> RawServer.write(out,
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\nConnection: close\r\n\r\nabc"))) {
      refused(negative.url(), Reason.UNREACHABLE);
    }
  }

  @Test
  void shouldNotDecompress() throws Exception {
    try (RawServer gzip = new RawServer(out -> RawServer.write(out, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
        + "3\r\n\r\nabc"))) {
      assertThat(assertRefused(content, gzip.url(), Reason.UNREACHABLE)).hasMessageContaining("Content-Encoding");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nX-Slow: ", "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"})
  void shouldEndDownloadsThatDripAtTheTimeLimit(String start) throws Exception {
    AtomicInteger written = new AtomicInteger();
    CountDownLatch ended = new CountDownLatch(1);
    try (RawServer drip = new RawServer(out -> {
      try {
        RawServer.write(out, start);
        while (true) {
          RawServer.write(out, "1");
          written.incrementAndGet();
          Thread.sleep(20);
        }
      } finally {
        ended.countDown();
      }
    }); ContentResolver impatient = resolver(Map.of("content.http.timeout.ms", "300"))) {
      assertThat(assertRefused(impatient, drip.url(), Reason.UNREACHABLE)).hasMessageContaining("content.http.timeout.ms");
      assertThat(ended.await(20, TimeUnit.SECONDS)).as("the connection is given up").isTrue();
      assertThat(written.get()).isPositive();
    }
  }

  @Test
  void shouldNotWaitForANameServerLongerThanTheTimeLimit() {
    CountDownLatch never = new CountDownLatch(1);
    try (ContentResolver slowDns = resolver(Map.of("content.http.timeout.ms", "200"), host -> {
      try {
        never.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new UnknownHostException(host);
    })) {
      assertRefused(slowDns, "http://slow.test/a.jpg", Reason.UNREACHABLE);
    }
  }

  @Test
  void shouldRefuseEndlessHeaders() throws Exception {
    try (RawServer headers = new RawServer(out -> {
      RawServer.write(out, "HTTP/1.1 200 OK\r\n");
      while (true) {
        RawServer.write(out, "X-Header: " + "x".repeat(1000) + "\r\n");
      }
    })) {
      assertThat(assertRefused(content, headers.url(), Reason.UNREACHABLE)).hasMessageNotContaining("content.http.timeout.ms");
    }
  }

  @Test
  void shouldNotUseTheProxyOfTheMachine() throws Exception {
    try (RawServer proxy = new RawServer(out -> RawServer.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: "
        + "close\r\n\r\nproxy"))) {
      System.setProperty("http.proxyHost", "127.0.0.1");
      System.setProperty("http.proxyPort", Integer.toString(proxy.port()));
      System.setProperty("http.nonProxyHosts", "");
      try (ContentResolver fresh = resolver(Map.of())) {
        assertThat(fresh.fetch(url("/photo.jpg"))).isEqualTo(PHOTO);
      } finally {
        List.of("http.proxyHost", "http.proxyPort", "http.nonProxyHosts").forEach(System::clearProperty);
      }
      assertThat(proxy.connections()).isZero();
    }
  }

  @Test
  void shouldRefuseAfterClose() {
    content.close();
    refused(url("/photo.jpg"), Reason.UNREACHABLE);
  }
}
