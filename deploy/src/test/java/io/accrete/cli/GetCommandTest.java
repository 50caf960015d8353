package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.accrete.config.AccreteConfig;
import io.accrete.state.ObjectState;
import io.accrete.streams.http.ApiServer;
import io.accrete.streams.http.ObjectRoutes;
import io.accrete.streams.http.ObjectView;
import io.accrete.streams.http.Peer;
import io.accrete.streams.http.PeerClient;
import io.accrete.streams.http.Peers;
import io.accrete.streams.http.QueryUnavailableException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class GetCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private ApiServer api;

  @BeforeEach
  void start() {
    api = ApiServer.start(AccreteConfig.of(Map.of("http.port", "0")),
        List.of(new ObjectRoutes(GetCommandTest::find, new PeerClient(ALONE))));
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static final Peers ALONE = new Peers() {
    @Override
    public Optional<Peer> owner(String objectId) {
      return Optional.of(self());
    }

    @Override
    public Peer self() {
      return new Peer("127.0.0.1:1", true, Set.of(0));
    }

    @Override
    public List<Peer> others() {
      return List.of();
    }

    @Override
    public Set<Integer> localPartitions() {
      return Set.of(0);
    }

    @Override
    public int partitions() {
      return 1;
    }

    @Override
    public int partition(String objectId) {
      return 0;
    }
  };

  private static Optional<ObjectView> find(String objectId, Optional<String> model, boolean withLedger)
      throws QueryUnavailableException {
    if (objectId.equals("unknown")) {
      return Optional.empty();
    }
    if (objectId.equals("elsewhere")) {
      throw new QueryUnavailableException("The object's partition 3 is not on this instance; ask other:8080.");
    }
    ObjectState state = ObjectState.newBuilder().setImageCount(12).setSequence(14).setLastImageId("front\u001b[31m")
        .setUpdatedAt(Instant.parse("2026-01-02T03:04:05Z"))
        .setSourcePartition(0).setSourceOffset(7).setAttributes(Map.of("colour", "red")).setLatents(Map.of()).build();
    return Optional.of(new ObjectView(objectId, "v1", new float[] {0.6f, -0.8f, 0, 0, 0, 0, 0, 0, 0.5f}, state, List.of()));
  }

  private int get(String... arguments) {
    List<String> line = new ArrayList<>(List.of("get"));
    line.addAll(List.of(arguments));
    CommandLine command = Accrete.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true))
        .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    return command.execute(line.toArray(String[]::new));
  }

  private void assertRefusal(String... parts) {
    assertThat(err.toString().lines()).singleElement().asString().startsWith("accrete: ").contains(parts);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void shouldPrintOneObjectForPeople() {
    assertThat(get("shoes/a b?.#%", "--url", api.url().toString() + "/")).isZero();

    assertThat(out.toString().lines().map(line -> line.replaceAll(" {2,}", "  "))).containsExactly("object  shoes/a b?.#%",
        "model version  v1", "images  12",
        "last image  front?[31m", "sequence  14", "updated at  2026-01-02T03:04:05Z", "attribute  colour = red",
        "embedding  [0.6000, -0.8000, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000, …] (9 numbers)");
  }

  @Test
  void shouldPrintEverythingAsJsonFromTheConfiguredAddress() throws IOException {
    assertThat(get("..", "--json", "-c", "http.port=" + api.url().getPort())).isZero();

    JsonNode object = new ObjectMapper().readTree(out.toString());
    assertThat(object.get("objectId").textValue()).isEqualTo("..");
    assertThat(object.get("embedding")).hasSize(9);
  }

  @Test
  void shouldSendTheConfiguredToken() {
    api.close();
    api = ApiServer.start(AccreteConfig.of(Map.of("http.port", "0", "http.tokens.read", "reader")),
        List.of(new ObjectRoutes(GetCommandTest::find, new PeerClient(ALONE))));

    assertThat(get("shoe", "--url", api.url().toString(), "-c", "http.tokens.read=reader")).isZero();
    out.getBuffer().setLength(0);
    assertThat(get("shoe", "--url", api.url().toString())).isEqualTo(1);
    assertRefusal("A token is needed");
  }

  @Test
  void shouldExplainWhatIsNotThere() {
    assertThat(get("unknown", "--url", api.url().toString())).isEqualTo(1);
    assertRefusal("There is no object 'unknown'");
  }

  @Test
  void shouldNameTheInstanceThatKnows() {
    assertThat(get("elsewhere", "--url", api.url().toString())).isEqualTo(1);
    assertRefusal("ask other:8080");
  }

  @Test
  void shouldExplainThatNobodyAnswers() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertThat(get("shoe", "-c", "http.port=" + port)).isEqualTo(1);
    assertRefusal("No instance answers at http://127.0.0.1:" + port, "--url");
  }

  @Test
  void shouldExplainThatSomebodyElseAnswers() throws IOException {
    HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.start();
    try {
      assertThat(get("shoe", "--url", "http://127.0.0.1:" + other.getAddress().getPort())).isEqualTo(1);
      assertRefusal("HTTP 404", "not as Accrete's API");
    } finally {
      other.stop(0);
    }
  }

  @Test
  void shouldExplainAnAddressThatIsNone() {
    assertThat(get("shoe", "--url", "localhost:8080")).isEqualTo(1);
    assertRefusal("'localhost:8080' is not an address");
  }

  @Test
  void shouldAskForTheAddressOfAPortChosenFreely() {
    assertThat(get("shoe", "-c", "http.port=0")).isEqualTo(1);
    assertRefusal("http.port is 0", "--url");
  }
}
