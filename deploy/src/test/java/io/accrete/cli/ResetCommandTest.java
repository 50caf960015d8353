package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.Bundle;
import io.accrete.image.PhotoFolder;
import io.accrete.local.Instance;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.streams.StreamsApp;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ResetCommandTest {
  @TempDir private Path dir;
  private final StringWriter said = new StringWriter();

  @Test
  @Timeout(180)
  void shouldRefuseWhileTheAppRunsAndLetItStartOverAfterwards() throws Exception {
    PhotoFolder photos = Runs.photos(dir.resolve("photos"), 2, 3);
    Bundle bundle = Runs.bundle(dir.resolve("bundle"));
    try (LocalCluster cluster = LocalCluster.open(dir.resolve("data"), Runs.config(bundle, Map.of()), Ports.ANY)) {
      try (FoldRun run = new FoldRun(cluster.config(), bundle.version())) {
        Instance app = cluster.serve(bundle);
        assertThat(run.run(photos.photos(), app).embeddings()).isEqualTo(6);
        assertThat(reset(cluster)).isEqualTo(1);
        assertThat(said.toString()).contains("is running", "Stop every instance");
        app.close();
      }
      assertThat(reset(cluster)).as(said.toString()).isZero();
      assertThat(StreamsApp.stateDirectory(cluster.config())).doesNotExist();
      assertThat(reset(cluster)).isZero();
      assertThat(said.toString()).contains("Nothing to reset");

      try (FoldRun run = new FoldRun(cluster.config(), bundle.version())) {
        FoldRun.Result again = run.run(List.of(), cluster.serve(bundle));
        assertThat(again.events()).isEqualTo(6);
        assertThat(run.objects().values()).allSatisfy(embedding -> assertThat(embedding.getSequence()).isEqualTo(3));
      }
      assertThat(Runs.history(cluster.config(), bundle.version())).hasSize(12);
    }
  }

  private int reset(LocalCluster cluster) {
    return Accrete.commandLine().setOut(new PrintWriter(said, true)).setErr(new PrintWriter(said, true))
        .execute("reset", "--yes", "--config", cluster.configFile().toString());
  }
}
