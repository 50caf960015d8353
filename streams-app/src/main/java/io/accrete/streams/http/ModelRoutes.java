package io.accrete.streams.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;

/** Reading model versions and how far their rollouts are. */
public final class ModelRoutes implements Routes {
  private final ModelQueries models;

  public ModelRoutes(ModelQueries models) {
    this.models = models;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get("/v1/models", context -> Json.send(context, Json.models(models.versions(), models.serving())));
    routes.get("/v1/models/{modelVersion}", this::model);
  }

  private void model(Context context) {
    Json.send(context, Json.model(find(models, PathIds.of(context, "modelVersion"))));
  }

  /** The version of this name, or 404. */
  public static ModelView find(ModelQueries models, String version) {
    return models.versions().stream().filter(model -> model.version().equals(version)).findFirst().orElseThrow(() ->
        ProblemException.notFound("No such model version", "No model version '" + version + "' is known here; /v1/models lists those that "
            + "are. One that was just published is known in a moment."));
  }
}
