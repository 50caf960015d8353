package io.accrete.trainer.publish;

import io.accrete.bundle.Bundle;
import io.accrete.config.ConfigKeys;
import java.net.URI;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** A prefix of a bucket. The manifest is stored last, so that a bundle is there when all of its files are. */
final class S3Store implements ModelStore {
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

  private final String bucket;
  private final String rawPrefix;
  private final String prefix;
  private final S3Client client;

  private S3Store(URI uri, S3Client client) {
    this.bucket = uri.getRawAuthority();
    this.rawPrefix = folder(uri.getRawPath());
    this.prefix = folder(uri.getPath());
    this.client = client;
  }

  /** The store at {@code s3://bucket} or {@code s3://bucket/prefix}, percent-encoded as any URI; closes the client. */
  static S3Store of(URI uri, S3Client client) {
    String bucket = uri.getRawAuthority();
    boolean plain = uri.getRawQuery() == null && uri.getRawFragment() == null && uri.getPath() != null
        && Stream.of(uri.getPath().split("/")).noneMatch(segment -> segment.equals(".") || segment.equals(".."));
    if (!plain || bucket == null || !BUCKET.matcher(bucket).matches()) {
      client.close();
      throw new ConfigException(ConfigKeys.MODELS_URI + " is not the address of a place in S3: expected s3://bucket/prefix, without query, "
          + "fragment, '.' and '..'.");
    }
    return new S3Store(uri, client);
  }

  /** Ends with a slash unless it is empty. */
  private static String folder(String path) {
    String inner = path.replaceAll("^/+|/+$", "");
    return inner.isEmpty() ? "" : inner + "/";
  }

  @Override
  public String address(String version) {
    return "s3://" + bucket + "/" + rawPrefix + version;
  }

  @Override
  public Optional<byte[]> manifest(String version) {
    return told(version, () -> {
      try {
        return Optional.of(client.getObjectAsBytes(get -> get.bucket(bucket).key(key(version, Bundle.MANIFEST))).asByteArray());
      } catch (NoSuchKeyException e) {
        return Optional.empty();
      }
    });
  }

  @Override
  public void put(Bundle bundle) {
    told(bundle.version(), () -> {
      bundle.manifest().files().keySet().forEach(name -> put(bundle, name));
      put(bundle, Bundle.MANIFEST);
      return null;
    });
  }

  private void put(Bundle bundle, String name) {
    client.putObject(put -> put.bucket(bucket).key(key(bundle.version(), name)), RequestBody.fromFile(bundle.root().resolve(name)));
  }

  private String key(String version, String name) {
    return prefix + version + "/" + name;
  }

  private <T> T told(String version, Supplier<T> call) {
    try {
      return call.get();
    } catch (SdkServiceException e) {
      throw new PublishException("The store answered with HTTP " + e.statusCode() + " for " + address(version) + advice(e.statusCode()), e);
    } catch (SdkException e) {
      throw new PublishException("The store of " + address(version) + " cannot be used: " + e.getMessage() + " Check "
          + ConfigKeys.S3_ENDPOINT + ", " + ConfigKeys.S3_REGION + " and the credentials.", e);
    }
  }

  private String advice(int status) {
    return switch (status) {
      case 403 -> ": are the credentials right, and may they read and write there?";
      case 404 -> ": is there a bucket '" + bucket + "'?";
      default -> ".";
    };
  }

  @Override
  public void close() {
    client.close();
  }
}
