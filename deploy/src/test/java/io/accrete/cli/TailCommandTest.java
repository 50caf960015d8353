package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.config.AccreteConfig;
import io.accrete.subscriber.SubscriberCluster;
import io.accrete.subscriber.SubscriberCluster.Writer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(120)
class TailCommandTest {
  @TempDir private Path dir;
  private final ExecutorService threads = Executors.newSingleThreadExecutor();
  private final StringWriter err = new StringWriter();
  private SubscriberCluster cluster;
  private AccreteConfig config;

  /** A reader of a pipe that leaves when it has seen a certain line. */
  private static final class LeavingReader extends StringWriter {
    private final String last;

    LeavingReader(String last) {
      this.last = last;
    }

    boolean left() {
      return getBuffer().indexOf(last) >= 0;
    }
  }

  private static PrintWriter pipe(LeavingReader reader) {
    return new PrintWriter(reader) {
      @Override
      public boolean checkError() {
        return super.checkError() || reader.left();
      }
    };
  }

  @BeforeEach
  void start() {
    cluster = new SubscriberCluster(dir);
    config = cluster.config("tail");
  }

  @AfterEach
  void stop() {
    cluster.close();
    threads.shutdownNow();
  }

  private Future<Integer> tail(LeavingReader reader, String... arguments) {
    List<String> line = new ArrayList<>(List.of("tail"));
    line.addAll(List.of(arguments));
    config.originalsStrings().forEach((key, value) -> line.addAll(List.of("-c", key + "=" + value)));
    CommandLine command = Accrete.commandLine().setOut(pipe(reader)).setErr(new PrintWriter(err, true))
        .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    return threads.submit(() -> command.execute(line.toArray(String[]::new)));
  }

  @Test
  void shouldFollowTheActiveVersionUnlessOneIsNamed() throws Exception {
    LeavingReader none = new LeavingReader("never");
    assertThat(tail(none).get()).isEqualTo(1);
    assertThat(err.toString()).contains("There is no topic 'tail-rollouts'", "accrete topics create");

    SubscriberCluster.createTopics(config, "V1", "V2");
    try (Writer writer = new Writer(config, "tail")) {
      writer.flip(null, "V1");
      writer.commit(() -> writer.send("V1", "shoe", "of V1", 1), () -> writer.send("V2", "shoe", "of V2", 1));
      LeavingReader reader = new LeavingReader("bag  gone");
      Future<Integer> status = tail(reader, "--from-beginning");
      SubscriberCluster.await(() -> reader.toString().contains("of V1"));
      writer.flip("V1", "V2");
      SubscriberCluster.await(() -> reader.toString().contains("of V2"));
      writer.commit(() -> writer.send("V1", "bag", "of V1 again", 1), () -> writer.send("V2", "bag", null, 1));
      assertThat(status.get()).isZero();
      assertThat(reader.toString().lines()).containsExactly(
          "shoe  images 1  sequence 1  last of V1  1970-01-01T00:00:00Z  [1.0000, 0.0000, 0.0000, …]",
          "shoe  images 1  sequence 1  last of V2  1970-01-01T00:00:00Z  [1.0000, 0.0000, 0.0000, …]",
          "bag  gone");

      LeavingReader named = new LeavingReader("of V1 again");
      assertThat(tail(named, "--from-beginning", "--json", "--model", "V1").get()).isZero();
      assertThat(named.toString().lines()).hasSize(2).allMatch(line -> line.contains("\"modelVersion\":\"V1\""));
    }
  }
}
