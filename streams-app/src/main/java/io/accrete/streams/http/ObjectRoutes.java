package io.accrete.streams.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.Optional;

/** Reading one object. */
public final class ObjectRoutes implements Routes {
  private final ObjectQueries queries;
  private final PeerClient peers;

  public ObjectRoutes(ObjectQueries queries, PeerClient peers) {
    this.queries = queries;
    this.peers = peers;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get("/v1/objects/{objectId}", this::object);
  }

  private void object(Context context) throws QueryUnavailableException, IOException {
    String id = PathIds.of(context, "objectId");
    boolean withLedger = Params.flag(context, "ledger", false);
    Optional<String> model = Params.text(context, "model");
    try {
      ObjectView object = queries.find(id, model, withLedger).orElseThrow(() -> unknown(id));
      Json.send(context, Json.object(object, withLedger));
    } catch (QueryUnavailableException e) {
      if (!peers.relay(context, id)) {
        throw e;
      }
    }
  }

  /** 404 for an object. */
  public static ProblemException unknown(String objectId) {
    return ProblemException.notFound("No such object", "There is no object '" + objectId
        + "': none of its images has been folded, or it was removed.");
  }
}
