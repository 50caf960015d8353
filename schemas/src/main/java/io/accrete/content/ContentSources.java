package io.accrete.content;

import static io.accrete.content.ContentException.Reason.NOT_ALLOWED;
import static io.accrete.content.ContentException.Reason.UNREACHABLE;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.s3.S3Clients;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Chooses the source of a reference by its scheme, among those that the configuration allows. */
record ContentSources(Map<String, ContentSource> sources) implements ContentSource {
  /**
   * The sources of all allowed schemes.
   *
   * @param store may be read as well
   * @param time makes the limit for each source
   */
  static ContentSources of(AccreteConfig config, CheckedDns.Lookup lookup, ModelStore store, Supplier<TimeLimit> time) {
    Duration silence = Duration.ofMillis(config.getInt(ConfigKeys.HTTP_TIMEOUT));
    List<Path> roots = new ArrayList<>(FileContent.roots(config.getList(ConfigKeys.FILE_ROOTS)));
    store.folder().ifPresent(roots::add);
    List<String> hosts = config.getList(ConfigKeys.HTTP_HOSTS);
    List<String> buckets = config.getList(ConfigKeys.S3_BUCKETS);
    Networks networks = Networks.publicAnd(config.getList(ConfigKeys.HTTP_PRIVATE_NETWORKS), ConfigKeys.HTTP_PRIVATE_NETWORKS);

    Map<String, ContentSource> byScheme = new TreeMap<>();
    if (!roots.isEmpty()) {
      byScheme.put("file", new FileContent(roots));
    }
    if (!hosts.isEmpty() || store.is("http") || store.is("https")) {
      ContentSource http = new HttpContent(new HostRules(hosts), networks, lookup, store, time.get(), silence);
      byScheme.put("http", http);
      byScheme.put("https", http);
    }
    if (!buckets.isEmpty() || store.is("s3")) {
      S3Clients.check(config);
      TimeLimit limit = time.get();
      byScheme.put("s3", new S3Content(buckets, store, () -> S3Clients.from(config, limit.duration()), limit));
    }
    return new ContentSources(byScheme);
  }

  @Override
  public void copy(String reference, SizeLimit size, OutputStream to) throws ContentException {
    URI uri = References.parse(reference);
    ContentSource source = source(uri);
    try {
      source.copy(reference, size, to);
    } catch (RuntimeException e) { // a library's surprise must cost one reference, not the partition
      throw new ContentException(UNREACHABLE, References.shown(uri) + " could not be read: " + Failures.describe(e) + ".", e);
    }
  }

  @Override
  public void check(String reference) throws ContentException {
    source(References.parse(reference)).check(reference);
  }

  private ContentSource source(URI uri) throws ContentException {
    ContentSource source = sources.get(References.scheme(uri));
    if (source == null) {
      throw new ContentException(NOT_ALLOWED, References.shown(uri) + ": references with " + References.scheme(uri)
          + ": are not allowed; the configuration allows " + (sources.isEmpty() ? "none" : String.join(":, ", sources.keySet()) + ":")
          + " (" + ConfigKeys.FILE_ROOTS + ", " + ConfigKeys.HTTP_HOSTS + ", " + ConfigKeys.S3_BUCKETS + ").");
    }
    return source;
  }

  @Override
  public void close() {
    sources.values().forEach(ContentSource::close);
  }
}
