package io.accrete.streams.rollout;

import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A coordinator in a process of its own, which can be killed; it ends with the process that started it. */
final class CoordinatorMain {
  private CoordinatorMain() {}

  /** Configuration file, configured version. */
  public static void main(String[] args) throws IOException {
    try (Coordinator coordinator = Coordinator.start(AccreteConfig.load(Path.of(args[0]), Map.of(), Map.of()), args[1])) {
      System.out.println("started");
      while (System.in.read() >= 0) { }
    }
  }
}
