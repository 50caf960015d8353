package io.accrete.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.model.MeanAggregator;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Parameters;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefaultBundleTest {
  private static final VitConfig TINY = VitConfig.plain(new Stem.Patch(8), 16, 8, 1, 2);

  @TempDir private Path folder;

  @Test
  void shouldBeTheOneThatShipsWithTheProgram() throws IOException {
    Bundle shipped = ship(1);
    try (URLClassLoader resources = resources()) {
      Bundle found = DefaultBundle.write(folder.resolve("used"), resources);
      assertThat(found.version()).isEqualTo(shipped.version());
      assertThat(found.manifestSha256()).isEqualTo(shipped.manifestSha256());
      assertThat(found.root()).isEqualTo(folder.resolve("used"));
      Path note = Files.writeString(found.root().resolve("note"), "");
      assertThat(DefaultBundle.write(found.root(), resources)).isEqualTo(found);
      assertThat(note).as("in a folder that was not written again").exists();
    }
  }

  @Test
  void shouldTakeThePlaceOfAnOlderOne() throws IOException {
    Path used = folder.resolve("used");
    assertThat(UntrainedBundle.write(used).isUntrained()).isTrue();
    ship(1);
    try (URLClassLoader resources = resources()) {
      Bundle first = DefaultBundle.write(used, resources);
      assertThat(first.isUntrained()).isFalse();
      Bundle newer = ship(2);
      assertThat(DefaultBundle.write(used, resources).version()).isEqualTo(newer.version()).isNotEqualTo(first.version());
    }
  }

  @Test
  void shouldBeUntrainedWhereNoneShips() throws IOException {
    try (URLClassLoader resources = resources()) {
      Bundle found = DefaultBundle.write(folder.resolve("used"), resources);
      assertThat(found.isUntrained()).isTrue();
      assertThat(DefaultBundle.write(folder.resolve("used"), resources)).isEqualTo(found);
    }
  }

  @Test
  void shouldSayWhatIsMissing() throws IOException {
    Files.delete(ship(1).aggregator());
    try (URLClassLoader resources = resources()) {
      assertThatThrownBy(() -> DefaultBundle.write(folder.resolve("used"), resources)).isInstanceOf(BundleException.class)
          .hasMessageContaining("ships with the program lacks aggregator.onnx");
      assertThat(folder.resolve("used")).doesNotExist();
    }
  }

  private Bundle ship(long seed) {
    EncoderGraph encoder = EncoderGraph.of(new Vit(TINY), Parameters.random(seed), Preprocessing.imageNet(16, 16), false, Map.of());
    AggregatorGraph mean = AggregatorGraph.of(new MeanAggregator(8), Parameters.random(seed), encoder.tokens(), false, Map.of());
    return BundleWriter.write(new BundleDraft("shipped", "Only for tests.", encoder, mean), folder.resolve("jar/models/default"), true);
  }

  private URLClassLoader resources() throws IOException {
    return new URLClassLoader(new URL[] {Files.createDirectories(folder.resolve("jar")).toUri().toURL()}, null);
  }
}
