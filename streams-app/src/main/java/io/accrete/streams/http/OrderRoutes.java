package io.accrete.streams.http;

import io.accrete.events.RolloutAction;
import io.accrete.streams.rollout.RolloutOrderException;
import io.javalin.config.RoutesConfig;
import java.util.Arrays;
import java.util.Locale;

/** Orders to the rollouts of model versions. */
public final class OrderRoutes implements Routes {
  private static final int AT_ONCE = 2;
  private static final int WAITING = 8;

  private final ModelOrders orders;
  private final Jobs jobs = new Jobs("orders", AT_ONCE, WAITING);

  public OrderRoutes(ModelOrders orders) {
    this.orders = orders;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.post("/v1/models/{modelVersion}/{action}", context -> {
      String version = PathIds.of(context, "modelVersion");
      RolloutAction action = action(PathIds.of(context, "action"));
      jobs.answer(context, () -> Json.send(context, Json.model(order(action, version))));
    });
  }

  private static RolloutAction action(String name) {
    return Arrays.stream(RolloutAction.values()).filter(action -> action.name().toLowerCase(Locale.ROOT).equals(name)).findFirst()
        .orElseThrow(() -> ProblemException.notFound("No such action", "Expected one of "
            + Arrays.toString(RolloutAction.values()).toLowerCase(Locale.ROOT) + " after the model version."));
  }

  private ModelView order(RolloutAction action, String version) {
    try {
      return orders.order(action, version);
    } catch (RolloutOrderException e) {
      throw switch (e.reason()) {
        case UNKNOWN -> ProblemException.notFound("No such model version", e.getMessage());
        case REFUSED -> new ProblemException(409, "Refused", e.getMessage());
        case UNAVAILABLE -> ProblemException.unavailable(e.getMessage());
      };
    }
  }

  @Override
  public void close() {
    jobs.close();
  }
}
