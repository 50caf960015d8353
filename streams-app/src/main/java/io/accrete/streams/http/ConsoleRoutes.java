package io.accrete.streams.http;

import io.accrete.bundle.Sha256;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The console for browsers: {@code /} and the files that it loads, below {@code /console/}. They are resources of this application, ask for
 * no token and tell nothing; what they show they get from the API.
 */
public final class ConsoleRoutes implements Routes {
  private static final String FOLDER = "/console/";
  private static final String INDEX = "index.html";
  /** Names below the folder. Nothing else is looked for, so that no path leads out of it. */
  private static final Pattern NAME = Pattern.compile("(?:[a-z0-9-]+/){0,2}[a-z0-9-]+(?:\\.[a-z0-9-]+)*\\.(html|css|js|svg)");
  private static final Map<String, String> TYPES = Map.of(
      "html", "text/html;charset=utf-8",
      "css", "text/css;charset=utf-8",
      "js", "text/javascript;charset=utf-8",
      "svg", "image/svg+xml");

  private final Map<String, Asset> assets = new ConcurrentHashMap<>(); // of files that exist, so there are few

  private record Asset(byte[] bytes, String type, String tag) {}

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get("/", context -> send(context, INDEX), Scope.OPEN);
    routes.get(FOLDER + "<name>", context -> send(context, context.pathParam("name")), Scope.OPEN);
  }

  private void send(Context context, String name) {
    Asset asset = asset(name).orElseThrow(() -> ProblemException.notFound("No such file", "The console has no file of this name."));
    context.header("Cache-Control", "no-cache").header("ETag", asset.tag());
    if (asset.tag().equals(context.header("If-None-Match"))) {
      context.status(304);
    } else {
      context.contentType(asset.type()).result(asset.bytes());
    }
  }

  private Optional<Asset> asset(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() ? Optional.ofNullable(assets.computeIfAbsent(name, any -> read(name, TYPES.get(matcher.group(1)))))
        : Optional.empty();
  }

  private static Asset read(String name, String type) {
    try (InputStream in = ConsoleRoutes.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        return null;
      }
      byte[] bytes = in.readAllBytes();
      return new Asset(bytes, type, '"' + Sha256.of(bytes) + '"');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
