package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.events.RolloutAction;
import io.accrete.events.RolloutEvent;
import java.io.PrintWriter;

/** What the commands that change rollouts have in common. */
final class RolloutOrder {
  private RolloutOrder() {}

  /** Asks for something, waits until it is so and prints it. */
  static int run(AccreteConfig config, RolloutAction action, String version, PrintWriter out) {
    try (RolloutClient client = new RolloutClient(config)) {
      RolloutEvent event = client.ask(action, version);
      out.println(event.getModelVersion() + " is " + event.getState() + (event.getPaused() ? ", paused" : "") + ": " + event.getReason());
      if (action == RolloutAction.ACTIVATE) {
        out.println("'accrete models status " + event.getModelVersion() + " --watch' follows it.");
      }
    }
    return 0;
  }
}
