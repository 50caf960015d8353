package io.accrete.streams.http;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.security.RouteRole;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;

/**
 * Who may ask what: by tokens, by the name under which a server on loopback is addressed, and by the web site that a request comes from.
 * What every answer says about itself is here, too.
 */
final class Access implements Routes {
  /** Of every answer. Pages may load what this server serves, and nothing else. */
  static final Map<String, String> HEADERS = Map.of(
      "X-Content-Type-Options", "nosniff",
      "Referrer-Policy", "no-referrer",
      "Content-Security-Policy", "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; "
          + "frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
  private static final String COOKIE = "accrete_token";
  private static final String CHALLENGE = "WWW-Authenticate";
  private static final Pattern BEARER = Pattern.compile("Bearer +(\\S+) *", Pattern.CASE_INSENSITIVE);
  private static final Pattern LOCAL_HOST = Pattern.compile("(localhost|[0-9.]+|\\[[0-9a-fA-F:.]+])(:[0-9]+)?", Pattern.CASE_INSENSITIVE);

  private final boolean loopback;
  private final Tokens tokens;

  private Access(boolean loopback, Tokens tokens) {
    this.loopback = loopback;
    this.tokens = tokens;
  }

  /**
   * The access that the configuration gives.
   *
   * @param loopback whether nothing but this machine can reach the server
   * @throws ConfigException if others can and there is no token
   */
  static Access of(AccreteConfig config, boolean loopback) {
    Tokens tokens = Tokens.of(config);
    if (!loopback && tokens.none()) {
      throw new ConfigException(ConfigKeys.API_HOST + " is " + config.getString(ConfigKeys.API_HOST) + ", where others than this machine "
          + "can reach the HTTP API, which needs a token then: set " + ConfigKeys.API_TOKENS_READ + " or " + ConfigKeys.API_TOKENS_WRITE
          + " (in the environment " + AccreteConfig.environmentName(ConfigKeys.API_TOKENS_WRITE) + "), or listen on 127.0.0.1.");
    }
    return new Access(loopback, tokens);
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.before(context -> {
      HEADERS.forEach(context::header);
      if (context.path().startsWith("/v1/")) {
        context.header("Cache-Control", "no-store");
      }
      refuseForeignNames(context);
      refuseForeignSites(context);
    });
    routes.beforeMatched(this::requireToken);
  }

  /** On loopback a foreign Host means that a web page made a name of its own resolve to this machine. */
  private void refuseForeignNames(Context context) {
    String name = context.header("Host");
    if (loopback && name != null && !LOCAL_HOST.matcher(name).matches()) {
      throw new ProblemException(421, "Misdirected request",
          "This API listens on this machine only: address it as localhost or 127.0.0.1.");
    }
  }

  /** A browser sends the cookie, and reaches loopback, on behalf of any page; what changes something must come from our own pages. */
  private static void refuseForeignSites(Context context) {
    if (context.method() == HandlerType.GET || context.method() == HandlerType.HEAD) {
      return;
    }
    String origin = context.header("Origin");
    String site = context.header("Sec-Fetch-Site");
    boolean foreign = "cross-site".equals(site) || "same-site".equals(site);
    if (foreign || origin != null && !origin.replaceFirst("^https?://", "").equalsIgnoreCase(context.header("Host"))) {
      throw new ProblemException(403, "Forbidden", "The request comes from another web site; only this server's own pages may send it.");
    }
  }

  private void requireToken(Context context) {
    Scope scope = scope(context);
    if (context.method() == HandlerType.HEAD && context.path().startsWith("/v1/")) {
      throw new ProblemException(405, "Method not allowed", "Expected GET.").header("Allow", "GET"); // Javalin answers 200 to any
    }
    if (tokens.none() || scope == Scope.OPEN) {
      return;
    }
    Optional<String> token = token(context);
    if (token.isEmpty() || !tokens.allows(token.get(), Scope.READ)) {
      throw new ProblemException(401, "Unauthorized", token.isEmpty()
          ? "A token is needed: send 'Authorization: Bearer TOKEN'." : "The token is not one that this instance knows.")
          .header(CHALLENGE, "Bearer realm=\"accrete\"" + (token.isEmpty() ? "" : ", error=\"invalid_token\""));
    }
    if (!tokens.allows(token.get(), scope)) {
      throw new ProblemException(403, "Forbidden", "The token allows reading only; this needs one of " + ConfigKeys.API_TOKENS_WRITE + ".")
          .header(CHALLENGE, "Bearer realm=\"accrete\", error=\"insufficient_scope\"");
    }
  }

  private static Scope scope(Context context) {
    Set<RouteRole> roles = context.routeRoles();
    return roles.stream().filter(Scope.class::isInstance).map(Scope.class::cast).findFirst()
        .orElse(context.method() == HandlerType.GET ? Scope.READ : Scope.WRITE);
  }

  /** The token that came with a request, as a header, or as a cookie where a browser cannot send one. */
  static Optional<String> token(Context context) {
    String header = context.header("Authorization");
    if (header == null) {
      return Optional.ofNullable(context.cookie(COOKIE));
    }
    var bearer = BEARER.matcher(header);
    return Optional.of(bearer.matches() ? bearer.group(1) : "");
  }
}
