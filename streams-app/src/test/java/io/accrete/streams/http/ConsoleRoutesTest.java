package io.accrete.streams.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleRoutesTest {
  private static final Pattern OF_PAGES = Pattern.compile("(?:href|src)=\"([^\"#]+)\"");
  private static final Pattern OF_MODULES = Pattern.compile("(?:from|import) ?\\(?['\"]([./][^'\"]+)['\"]");

  private final HttpClient client = HttpClient.newHttpClient();
  private final ApiServer api =
      ApiServer.start(AccreteConfig.of(Map.of("http.port", "0", "http.tokens.read", "secret")), List.of(new ConsoleRoutes()));

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void shouldServeEveryFileThatThePageLoadsWithoutAToken() throws Exception {
    Set<String> seen = new HashSet<>();
    Deque<String> left = new ArrayDeque<>(List.of("/"));
    while (!left.isEmpty()) {
      String path = left.pop();
      if (path.startsWith("/v1") || !seen.add(path)) {
        continue;
      }
      HttpResponse<String> file = get(path);
      assertThat(file.statusCode()).as(path).isEqualTo(200);
      assertThat(file.headers().firstValue("Content-Security-Policy")).hasValueSatisfying(policy ->
          assertThat(policy).contains("default-src 'self'").doesNotContain("script-src"));
      if (!path.equals("/console/lib/chart.umd.min.js")) {
        Matcher loaded = (path.equals("/") ? OF_PAGES : OF_MODULES).matcher(file.body());
        while (loaded.find()) {
          left.push(URI.create(path).resolve(loaded.group(1)).getPath());
        }
      }
    }
    assertThat(seen).contains("/console/app.js", "/console/console.css", "/console/views/wall.js", "/console/views/system.js",
        "/console/lib/lit-html.js", "/console/lib/directives/repeat.js", "/console/lib/chart.umd.min.js");
  }

  @Test
  void shouldSendWhatTheBrowserHasNotYet() throws Exception {
    HttpResponse<String> page = get("/");
    assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html;charset=utf-8");
    assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-cache");
    HttpResponse<String> again = client.send(HttpRequest.newBuilder(api.url().resolve("/"))
        .header("If-None-Match", page.headers().firstValue("ETag").orElseThrow()).build(), BodyHandlers.ofString());
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(get("/console/app.js").headers().firstValue("Content-Type")).hasValue("text/javascript;charset=utf-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/console/", "/console/none.js", "/console/lib", "/console/..%2fopenapi.yaml", "/console/%2e%2e/openapi.yaml",
      "/console/lib/lit-html.LICENSE", "/console//app.js", "/console/app.js/"})
  void shouldHaveNothingElse(String path) throws Exception {
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("\"detail\"");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(HttpRequest.newBuilder(URI.create(api.url() + path)).build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
  }
}
