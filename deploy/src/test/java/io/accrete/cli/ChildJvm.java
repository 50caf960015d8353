package io.accrete.cli;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Java programs in processes of their own, most of which are killed within seconds: they compile and collect as cheaply as they can. */
public final class ChildJvm {
  private ChildJvm() {}

  /** One that is still to be started; what it says is appended to a file. */
  public static ProcessBuilder of(Class<?> main, int megabytes, Path output, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx" + megabytes + "m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true",
        "-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(Redirect.appendTo(output.toFile()));
  }
}
