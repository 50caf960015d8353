package io.accrete.content;

import static io.accrete.content.ContentException.Reason.INVALID_URI;
import static io.accrete.content.ContentException.Reason.NOT_ALLOWED;
import static io.accrete.content.ContentException.Reason.NOT_FOUND;
import static io.accrete.content.ContentException.Reason.UNREACHABLE;

import io.accrete.config.ConfigKeys;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Objects of S3 and of stores that speak its API: {@code s3://bucket/key}, the key percent-encoded as in any URI. */
final class S3Content implements ContentSource {
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

  private final List<String> buckets;
  private final ModelStore store;
  private final TimeLimit time;
  private final Supplier<S3Client> connect;
  private S3Client client;

  /** @param connect makes the client at the first use, so that the SDK costs nothing where no reference needs it */
  S3Content(List<String> buckets, ModelStore store, Supplier<S3Client> connect, TimeLimit time) {
    this.buckets = buckets;
    this.store = store;
    this.time = time;
    this.connect = connect;
  }

  @Override
  public void copy(String reference, SizeLimit size, OutputStream to) throws ContentException {
    URI uri = References.parse(reference);
    String shown = References.shown(uri);
    String bucket = bucket(uri, shown);
    String key = key(uri, shown);
    AtomicReference<ResponseInputStream<?>> current = new AtomicReference<>();
    time.run(() -> read(bucket, key, size, to, shown, current), () -> {
      ResponseInputStream<?> stream = current.get();
      if (stream != null) {
        stream.abort();
      }
    }, shown);
  }

  @Override
  public void check(String reference) throws ContentException {
    URI uri = References.parse(reference);
    bucket(uri, References.shown(uri));
    key(uri, References.shown(uri));
  }

  private String bucket(URI uri, String shown) throws ContentException {
    String bucket = uri.getRawAuthority();
    if (bucket == null || !BUCKET.matcher(bucket).matches()) {
      throw new ContentException(INVALID_URI, shown + " names no valid bucket: expected s3://bucket/key.");
    }
    if (!buckets.contains("*") && !buckets.contains(bucket) && !store.contains(uri)) {
      throw new ContentException(NOT_ALLOWED, "The bucket of " + shown + " is not one that " + ConfigKeys.S3_BUCKETS + " allows.");
    }
    return bucket;
  }

  private static String key(URI uri, String shown) throws ContentException {
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new ContentException(INVALID_URI, shown + " has a query or a fragment: encode '?' as %3F and '#' as %23 in keys.");
    }
    String key = uri.getPath().isEmpty() ? "" : uri.getPath().substring(1);
    if (key.isEmpty()) {
      throw new ContentException(INVALID_URI, shown + " names no object: expected s3://bucket/key.");
    }
    // A store that normalises paths would read "bucket/../other/key" as another bucket's.
    if (Stream.of(key.split("/")).anyMatch(segment -> segment.equals("..") || segment.equals("."))) {
      throw new ContentException(NOT_ALLOWED, shown + " has a '.' or '..' between the slashes of its key.");
    }
    return key;
  }

  private void read(String bucket, String key, SizeLimit size, OutputStream to, String shown,
      AtomicReference<ResponseInputStream<?>> current) throws ContentException, IOException {
    try (ResponseInputStream<GetObjectResponse> in = client().getObject(request -> request.bucket(bucket).key(key))) {
      current.set(in);
      try {
        Long length = in.response().contentLength();
        size.check(length == null ? -1 : length, shown);
        size.copy(in, to, shown);
      } catch (ContentException tooLarge) {
        in.abort(); // without it, closing may read what is left
        throw tooLarge;
      }
    } catch (SdkServiceException e) {
      if (e.statusCode() == 404) {
        throw new ContentException(NOT_FOUND, "There is no object " + shown + ".", e);
      }
      throw new ContentException(UNREACHABLE, "The store answered with HTTP " + e.statusCode() + " for " + shown
          + (e.statusCode() == 403 ? ": are the credentials right, and may they read it?" : "."), e);
    } catch (SdkException e) {
      throw new ContentException(UNREACHABLE, shown + " could not be read: " + Failures.describe(e)
          + "; check " + ConfigKeys.S3_ENDPOINT + ", " + ConfigKeys.S3_REGION + " and the credentials.", e);
    }
  }

  private synchronized S3Client client() {
    if (client == null) {
      client = connect.get();
    }
    return client;
  }

  @Override
  public synchronized void close() {
    time.close();
    if (client != null) {
      client.close();
    }
  }
}
