package io.accrete.streams.training;

import io.accrete.streams.http.Json;
import io.accrete.streams.http.Routes;
import io.javalin.config.RoutesConfig;

/** {@code GET /v1/training}: the runs that trainers told of. */
public final class TrainingRoutes implements Routes {
  private final TrainingProgressReader reader;

  public TrainingRoutes(TrainingProgressReader reader) {
    this.reader = reader;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get("/v1/training", context -> Json.send(context, reader.runs().json()));
  }
}
