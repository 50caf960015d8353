package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.streams.http.PathIds;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accrete get}: one object, as a running instance holds it. */
@Command(name = "get", mixinStandardHelpOptions = true,
    description = "Prints one object as a running instance holds it: its model version, images and embedding.")
final class GetCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int NUMBERS_SHOWN = 8;

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "OBJECT", description = "The object's id.")
  private String objectId;

  @Option(names = "--url", paramLabel = "URL", description = "Address of the instance's HTTP API; by default of http.host and http.port.")
  private URI url;

  @Option(names = "--json", description = "Prints the answer as JSON, with the whole embedding.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    AccreteConfig config = options.load();
    JsonNode object = fetch(url == null ? configured(config) : url, token(config));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(object);
    } else {
      print(object, out);
    }
    return 0;
  }

  private static URI configured(AccreteConfig config) {
    String host = config.getString(ConfigKeys.API_HOST);
    int port = config.getInt(ConfigKeys.API_PORT);
    if (port == 0) {
      throw new IllegalArgumentException("http.port is 0, so the instance chose a port of its own: give its address by --url.");
    }
    boolean any = host.equals("0.0.0.0") || host.equals("::"); // where to listen, not where to go
    return URI.create("http://" + (any ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host) + ":" + port);
  }

  /** One with which the instance may be read, if it asks for any. */
  private static Optional<String> token(AccreteConfig config) {
    return Stream.of(ConfigKeys.API_TOKENS_READ, ConfigKeys.API_TOKENS_WRITE)
        .flatMap(key -> Arrays.stream(config.getPassword(key).value().split(","))).map(String::trim).filter(token -> !token.isEmpty())
        .findFirst();
  }

  private JsonNode fetch(URI api, Optional<String> token) throws InterruptedException {
    if (!"http".equals(api.getScheme()) && !"https".equals(api.getScheme()) || api.getHost() == null) {
      throw new IllegalArgumentException("'" + api + "' is not an address: expected one like http://127.0.0.1:8080.");
    }
    URI target = URI.create(api.toString().replaceAll("/+$", "") + "/v1/objects/" + PathIds.encode(objectId));
    HttpRequest.Builder request = HttpRequest.newBuilder(target).timeout(TIMEOUT);
    token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    HttpResponse<String> response;
    try {
      response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException("No instance answers at " + api + ": is 'accrete serve' running, and is this its address? "
          + "Give another by --url, or by http.host and http.port.", e);
    }
    JsonNode answer = parse(response.body());
    if (response.statusCode() == 200 && answer.has("embedding")) {
      return answer;
    }
    throw new IllegalStateException(answer.path("detail").isTextual() ? printable(answer.get("detail").textValue())
        : api + " answered with HTTP " + response.statusCode() + ", but not as Accrete's API does: is this the address of an instance?");
  }

  private static JsonNode parse(String body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      return JSON.missingNode(); // somebody else's answer
    }
  }

  private static void print(JsonNode object, PrintWriter out) {
    line(out, "object", object.path("objectId").asText());
    line(out, "model version", object.path("modelVersion").asText());
    line(out, "images", object.path("imageCount").asText());
    line(out, "last image", object.path("lastImageId").asText());
    line(out, "sequence", object.path("sequence").asText());
    line(out, "updated at", object.path("updatedAt").asText());
    object.path("attributes").properties()
        .forEach(attribute -> line(out, "attribute", attribute.getKey() + " = " + attribute.getValue().asText()));
    line(out, "embedding", numbers(object.path("embedding")));
  }

  private static void line(PrintWriter out, String name, String value) {
    out.printf("%-14s %s%n", name, printable(value));
  }

  private static String numbers(JsonNode embedding) {
    StringJoiner numbers = new StringJoiner(", ", "[", embedding.size() > NUMBERS_SHOWN ? ", …]" : "]");
    for (int i = 0; i < Math.min(NUMBERS_SHOWN, embedding.size()); i++) {
      numbers.add(String.format("%.4f", embedding.get(i).floatValue()));
    }
    return numbers + " (" + embedding.size() + " numbers)";
  }

  /** Ids and attributes come from whoever wrote the events; a terminal must not obey them. */
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
