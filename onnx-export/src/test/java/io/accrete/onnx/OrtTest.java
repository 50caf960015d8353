package io.accrete.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OrtTest {
  @Test
  void shouldStartBehindALongClassPath() throws IOException, InterruptedException {
    String classPath = System.getProperty("java.class.path") + (File.pathSeparator + "no-such-directory-" + "x".repeat(80)).repeat(200);
    Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", classPath,
        Start.class.getName())
        .redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("started");
  }

  static final class Start {
    private Start() {}

    public static void main(String[] args) {
      System.out.println(Ort.environment() == Ort.environment() ? "started" : "two environments");
    }
  }
}
