package io.accrete.streams.content;

import static io.accrete.streams.content.ContentException.Reason.INVALID_URI;
import static io.accrete.streams.content.ContentException.Reason.NOT_ALLOWED;

import io.accrete.config.ConfigKeys;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;

/** Which hosts may be named: {@code host}, {@code *.domain} for its subdomains at any depth, {@code *} for all. */
final class HostRules {
  private static final Pattern PATTERN = Pattern.compile("\\*|(\\*\\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\\[?[0-9a-f:.]+]?");

  private final List<String> patterns;

  HostRules(List<String> configured) {
    patterns = configured.stream().map(HostRules::pattern).toList();
  }

  private static String pattern(String configured) {
    String pattern = configured.trim().toLowerCase(Locale.ROOT);
    if (!PATTERN.matcher(pattern).matches()) {
      throw new ConfigException(ConfigKeys.HTTP_HOSTS + " holds '" + configured + "': expected host.example.com, *.example.com or *, without scheme and port.");
    }
    return unbracketed(pattern);
  }

  /** Refuses a URI that is not http or https, or whose host no pattern allows. */
  void check(URI uri) throws ContentException {
    String shown = References.shown(uri);
    String scheme = References.scheme(uri);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new ContentException(NOT_ALLOWED, shown + " is neither http nor https.");
    }
    if (uri.getHost() == null || uri.getHost().isEmpty()) {
      throw new ContentException(INVALID_URI, shown + " has no valid host name: expected " + scheme + "://host/path, international names in Punycode.");
    }
    if (uri.getPort() == 0 || uri.getPort() > 65_535) {
      throw new ContentException(INVALID_URI, shown + " has no valid port: expected 1 to 65535.");
    }
    String host = unbracketed(uri.getHost().toLowerCase(Locale.ROOT));
    if (patterns.stream().noneMatch(pattern -> matches(pattern, host))) {
      throw new ContentException(NOT_ALLOWED, "The host of " + shown + " is not one that " + ConfigKeys.HTTP_HOSTS + " allows.");
    }
  }

  private static boolean matches(String pattern, String host) {
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    return pattern.equals("*")
        || (pattern.startsWith("*.") ? name.endsWith(pattern.substring(1)) && name.length() > pattern.length() - 1 : name.equals(pattern));
  }

  private static String unbracketed(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }
}
