package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.Bundle;
import io.accrete.image.PhotoFile;
import io.accrete.image.PhotoFolder;
import io.accrete.local.Instance;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SimilarCommandTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir private Path dir;
  private LocalCluster cluster;

  @Test
  @Timeout(240)
  void shouldAnswerWithTheVersionThatIsActiveUnlessAnotherIsNamed() throws Exception {
    Bundle first = Runs.tinyBundle(dir.resolve("first"), 1);
    Bundle second = Runs.tinyBundle(dir.resolve("second"), 11);
    try (LocalCluster running = LocalCluster.open(dir.resolve("data"), Runs.config(first, Map.of()), Ports.ANY);
        PhotoFolder photos = Runs.photos(dir.resolve("photos"), 3, 1);
        FoldRun run = new FoldRun(running.config(), first.version())) {
      cluster = running;
      Instance app = cluster.serve(first);
      app.awaitRunning(PATIENCE);
      run.run(photos.photos(), app);
      PhotoFile photo = photos.photos().get(0);
      String nearest = "1.0000  " + photo.objectId();

      assertThat(similar(photo.name())).startsWith("model version " + first.version() + " (ACTIVE)", nearest).hasSize(4);
      assertThat(Runs.execute(cluster, List.of("models", "publish", second.root().toString()))).contains("Published " + second.version());
      assertThat(app.awaitServing(second.version(), PATIENCE)).isTrue();

      String active = "model version " + second.version() + " (ACTIVE)";
      assertThat(similar(photo.objectId())).startsWith(active).hasSize(3).noneMatch(line -> line.endsWith(photo.objectId()));
      assertThat(similar(photo.name(), "-c", "state.dir=" + dir.resolve("elsewhere"))).startsWith(active, nearest);
      assertThat(Bundle.read(dir.resolve("elsewhere/fetched-models").resolve(second.version())).manifestSha256())
          .isEqualTo(second.manifestSha256());
      assertThat(similar(photo.name(), "--bundle", first.root().toString()))
          .startsWith("model version " + first.version() + " (named)", nearest);
      assertThat(similar(photo.name(), "-c", "topic.model.rollouts=none"))
          .startsWith("model version " + first.version() + " (configured; no version is ACTIVE)", nearest);
    }
  }

  private List<String> similar(String query, String... options) {
    List<String> line = new ArrayList<>(List.of("similar", query));
    line.addAll(List.of(options));
    return Runs.execute(cluster, line).lines().toList();
  }
}
