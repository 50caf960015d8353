package io.accrete.content;

import static io.accrete.content.ContentException.Reason.INVALID_URI;
import static io.accrete.content.ContentException.Reason.NOT_ALLOWED;

import io.accrete.config.ConfigKeys;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.hc.core5.net.InetAddressUtils;
import org.apache.kafka.common.config.ConfigException;

/** Which hosts may be named: {@code host}, {@code *.domain} for its subdomains at any depth, {@code *} for all. */
final class HostRules {
  private static final Pattern NAME = Pattern.compile("\\*|(\\*\\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?");
  private static final Pattern NUMERIC = Pattern.compile("([^:]*\\.)?([0-9]+|0x[0-9a-f]*)\\.?");
  private static final Pattern IPV4 = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");

  private final List<String> patterns;

  HostRules(List<String> configured) {
    patterns = configured.stream().map(HostRules::pattern).toList();
  }

  private static String pattern(String configured) {
    String pattern = unbracketed(configured.trim().toLowerCase(Locale.ROOT));
    if (!NAME.matcher(pattern).matches() && !InetAddressUtils.isIPv6(pattern)) {
      throw new ConfigException(ConfigKeys.HTTP_HOSTS + " holds '" + configured
          + "': expected host.example.com, *.example.com or *, without scheme and port.");
    }
    return pattern;
  }

  /** Refuses a URI that is not http or https, or whose host no pattern allows. */
  void check(URI uri) throws ContentException {
    String shown = References.shown(uri);
    String scheme = References.scheme(uri);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new ContentException(NOT_ALLOWED, shown + " is neither http nor https.");
    }
    if (uri.getHost() == null || uri.getHost().isEmpty()) {
      throw new ContentException(INVALID_URI, shown + " has no valid host name: expected " + scheme
          + "://host/path, international names in Punycode.");
    }
    if (uri.getPort() == 0 || uri.getPort() > 65_535) {
      throw new ContentException(INVALID_URI, shown + " has no valid port: expected 1 to 65535.");
    }
    String host = unbracketed(uri.getHost().toLowerCase(Locale.ROOT));
    if (NUMERIC.matcher(host).matches() && !IPV4.matcher(host).matches()) { // 127.1, 0177.0.0.1, 0x7f.1: systems read them differently
      throw new ContentException(INVALID_URI, shown + " has a numeric host that is not four decimal numbers without leading zeros.");
    }
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
