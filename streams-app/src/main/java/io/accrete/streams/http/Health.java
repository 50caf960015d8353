package io.accrete.streams.http;

import java.util.List;

/** What an orchestrator asks: is the process alive, and can it serve. */
public interface Health {
  /** Checks that only a restart can heal; any that fails means the process should be restarted. */
  List<Check> live();

  /** Checks of whether the instance can do its work now. */
  List<Check> ready();

  /**
   * The outcome of one check.
   *
   * @param name a short, constant name
   * @param reason why it is or is not well, for a person
   */
  record Check(String name, boolean ok, String reason) {}
}
