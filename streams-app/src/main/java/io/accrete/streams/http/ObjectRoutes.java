package io.accrete.streams.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;

/** Reading one object. */
public final class ObjectRoutes implements Routes {
  private final ObjectQueries queries;

  public ObjectRoutes(ObjectQueries queries) {
    this.queries = queries;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get("/v1/objects/{objectId}", this::object);
  }

  private void object(Context context) throws QueryUnavailableException {
    String id = PathIds.of(context, "objectId");
    boolean withLedger = Params.flag(context, "ledger", false);
    ObjectView object = queries.find(id, Params.text(context, "model"), withLedger).orElseThrow(() -> unknown(id));
    Json.send(context, Json.object(object, withLedger));
  }

  /** 404 for an object. */
  public static ProblemException unknown(String objectId) {
    return ProblemException.notFound("No such object", "There is no object '" + objectId
        + "': none of its images has been folded, or it was removed.");
  }
}
