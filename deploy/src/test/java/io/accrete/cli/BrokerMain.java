package io.accrete.cli;

import io.accrete.local.KafkaBroker;
import java.io.IOException;
import java.nio.file.Path;

/** A broker in a process of its own, which can be killed; it ends with the process that started it. */
final class BrokerMain {
  private BrokerMain() {}

  /** Directory, port. */
  public static void main(String[] args) throws IOException {
    try (KafkaBroker broker = KafkaBroker.start(Path.of(args[0]), Integer.parseInt(args[1]))) {
      System.out.println(broker.bootstrapServers());
      while (System.in.read() >= 0) { }
    }
  }
}
