package io.accrete.streams.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Duration;

/** How the embeddings of objects came about. */
public final class HistoryRoutes implements Routes {
  private static final int MOST = 256;
  private static final int DEFAULT = 64;
  private static final int AT_ONCE = 2; // each encodes as fast as it can, beside the stream
  private static final int WAITING = 16;
  private static final Duration PATIENCE = Duration.ofMinutes(2); // for its turn and its work

  private final ObjectQueries queries;
  private final HistoryQueries histories;
  private final PeerClient peers;
  private final Jobs jobs = new Jobs("histories", AT_ONCE, WAITING);

  public HistoryRoutes(ObjectQueries queries, HistoryQueries histories, PeerClient peers) {
    this.queries = queries;
    this.histories = histories;
    this.peers = peers;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get("/v1/objects/{objectId}/history", this::history);
  }

  private void history(Context context) throws QueryUnavailableException, IOException {
    String objectId = PathIds.of(context, "objectId");
    int limit = Params.integer(context, "limit", 1, MOST, DEFAULT);
    try {
      queries.find(objectId, false).orElseThrow(() -> ObjectRoutes.unknown(objectId));
    } catch (QueryUnavailableException e) {
      if (!peers.relay(context, objectId, PATIENCE)) {
        throw e;
      }
      return;
    }
    jobs.answer(context, () -> {
      try {
        Json.send(context, json(histories.history(objectId, limit).orElseThrow(() -> ObjectRoutes.unknown(objectId))));
      } catch (UnreadableImageException e) {
        throw ImageRoutes.unreadable(e.getMessage());
      }
    });
  }

  private static ObjectNode json(HistoryView history) {
    ObjectNode json = Json.object().put("objectId", history.objectId()).put("modelVersion", history.modelVersion())
        .put("imageCount", history.imageCount());
    ArrayNode folds = json.putArray("folds");
    history.folds().forEach(fold ->
        folds.add(Json.entry(fold.entry()).put("moved", fold.moved()).put("agreement", fold.agreement())));
    return json;
  }

  @Override
  public void close() {
    jobs.close();
  }
}
