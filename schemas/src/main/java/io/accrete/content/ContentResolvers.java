package io.accrete.content;

import static io.accrete.content.ContentException.Reason.NOT_ALLOWED;
import static io.accrete.content.ContentException.Reason.UNREACHABLE;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.s3.S3Clients;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigException;

/** Chooses the resolver of a reference by its scheme, among those that the configuration allows. */
public final class ContentResolvers {
  private ContentResolvers() {}

  /**
   * The resolver of all allowed schemes; close it at the end.
   *
   * @throws ConfigException if a setting of the group "Content by reference" is malformed or names a directory that does not exist
   */
  public static ContentResolver from(AccreteConfig config) {
    return from(config, InetAddress::getAllByName);
  }

  static ContentResolver from(AccreteConfig config, CheckedDns.Lookup lookup) {
    SizeLimit size = new SizeLimit(config.getInt(ConfigKeys.IMAGE_MAX_BYTES));
    Duration timeout = Duration.ofMillis(config.getInt(ConfigKeys.HTTP_TIMEOUT));
    List<String> roots = config.getList(ConfigKeys.FILE_ROOTS);
    List<String> hosts = config.getList(ConfigKeys.HTTP_HOSTS);
    List<String> buckets = config.getList(ConfigKeys.S3_BUCKETS);
    Networks networks = Networks.publicAnd(config.getList(ConfigKeys.HTTP_PRIVATE_NETWORKS), ConfigKeys.HTTP_PRIVATE_NETWORKS);

    Map<String, ContentResolver> byScheme = new TreeMap<>();
    if (!roots.isEmpty()) {
      byScheme.put("file", new FileContent(roots, size));
    }
    if (!hosts.isEmpty()) {
      ContentResolver http = new HttpContent(new HostRules(hosts), new CheckedDns(networks, lookup), size, new TimeLimit(timeout));
      byScheme.put("http", http);
      byScheme.put("https", http);
    }
    if (!buckets.isEmpty()) {
      S3Clients.check(config);
      byScheme.put("s3", new S3Content(buckets, () -> S3Clients.from(config, timeout), size, new TimeLimit(timeout)));
    }
    return new ByScheme(byScheme);
  }

  private record ByScheme(Map<String, ContentResolver> resolvers) implements ContentResolver {
    @Override
    public byte[] fetch(String reference) throws ContentException {
      URI uri = References.parse(reference);
      ContentResolver resolver = resolvers.get(References.scheme(uri));
      if (resolver == null) {
        throw new ContentException(NOT_ALLOWED, "References with " + References.scheme(uri) + ": are not allowed; the configuration allows "
            + (resolvers.isEmpty() ? "none" : String.join(":, ", resolvers.keySet()) + ":") + " (" + ConfigKeys.FILE_ROOTS + ", "
            + ConfigKeys.HTTP_HOSTS + ", " + ConfigKeys.S3_BUCKETS + ").");
      }
      try {
        return resolver.fetch(reference);
      } catch (RuntimeException e) { // a library's surprise must cost one event, not the partition
        throw new ContentException(UNREACHABLE, References.shown(uri) + " could not be read: " + Failures.describe(e) + ".", e);
      }
    }

    @Override
    public void close() {
      resolvers.values().forEach(ContentResolver::close);
    }
  }
}
