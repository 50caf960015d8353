package io.accrete.sink;

import io.accrete.subscriber.Unreadable;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import org.postgresql.Driver;

/**
 * Where a sink writes, and as whom.
 *
 * @param url {@code jdbc:postgresql://host/database}, with the driver's settings if need be, but no user and no secret
 * @param password null: none, or what {@code ~/.pgpass} says
 */
public record SinkSettings(String url, String user, String password, TableName table, Unreadable unreadable) {
  private static final Set<String> ELSEWHERE = Set.of("user", "password", "sslpassword");

  /** @throws IllegalArgumentException if the URL cannot be used */
  public SinkSettings {
    if (!url.startsWith("jdbc:postgresql:") || Driver.parseURL(url, null) == null) {
      // It is not repeated: a URL of another form may hold a password.
      throw new IllegalArgumentException("That is not the URL of a PostgreSQL database: expected jdbc:postgresql://host:port/database.");
    }
    for (String setting : url.substring(url.indexOf('?') + 1).split("&")) {
      String name = URLDecoder.decode(setting.split("=", 2)[0], StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
      if (ELSEWHERE.contains(name)) {
        throw new IllegalArgumentException("The URL holds '" + name + "': other users of this machine could read it. Name the user by "
            + "--user, and give secrets by the environment or a file.");
      }
    }
  }

  /** Host, port and database, for messages. */
  String place() {
    Properties parsed = Driver.parseURL(url, null);
    return parsed.getProperty("PGHOST") + ":" + parsed.getProperty("PGPORT") + "/" + parsed.getProperty("PGDBNAME");
  }

  Properties connection() {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    if (password != null) {
      properties.setProperty("password", password);
    }
    properties.setProperty("ApplicationName", "accrete sink");
    properties.setProperty("connectTimeout", "10");
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("logServerErrorDetail", "false");
    return properties;
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "table " + table + " at " + place() + " as " + user;
  }
}
