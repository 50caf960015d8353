package io.accrete.streams.http;

import io.accrete.events.RolloutAction;

/** Has rollouts changed. Implementations are safe for use by several threads at once. */
public interface ModelOrders {
  /**
   * Asks for something and waits until it is so.
   *
   * @return where the version stands then
   * @throws io.accrete.streams.rollout.RolloutOrderException if it is refused, or nobody is there to do it
   */
  ModelView order(RolloutAction action, String version);
}
