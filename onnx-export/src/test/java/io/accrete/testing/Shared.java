package io.accrete.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Models and photos kept beside the repository: required where CI=true, else the test is skipped and says what is missing. */
public final class Shared {
  private Shared() {}

  public static Path path(String name) {
    Path path = Path.of("../../shared").resolve(name);
    if ("true".equals(System.getenv("CI"))) {
      assertThat(path).exists();
    }
    assumeTrue(Files.exists(path), () -> "skipped: needs " + path.toAbsolutePath().normalize());
    return path;
  }
}
