package io.accrete.content;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.net.URI;
import java.time.Duration;
import org.apache.kafka.common.config.ConfigException;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Builds the S3 client that the configuration describes. */
final class S3Clients {
  private S3Clients() {}

  /** Refuses a configuration from which no client can be made; cheap, for the start of the application. */
  static void check(AccreteConfig config) {
    endpoint(config);
    boolean key = config.getString(ConfigKeys.S3_ACCESS_KEY).isEmpty();
    boolean secret = config.getPassword(ConfigKeys.S3_SECRET_KEY).value().isEmpty();
    if (key != secret) {
      throw new ConfigException(ConfigKeys.S3_ACCESS_KEY + " and " + ConfigKeys.S3_SECRET_KEY
          + " go together: set both, or neither for the SDK's default credentials.");
    }
  }

  static S3Client from(AccreteConfig config) {
    Duration timeout = Duration.ofMillis(config.getInt(ConfigKeys.HTTP_TIMEOUT));
    S3ClientBuilder builder = S3Client.builder()
        .region(Region.of(config.getString(ConfigKeys.S3_REGION)))
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED) // not all stores know the newer checksums
        .overrideConfiguration(override -> override.apiCallTimeout(timeout))
        .httpClientBuilder(UrlConnectionHttpClient.builder()
            .connectionTimeout(timeout)
            .socketTimeout(timeout)
            .proxyConfiguration(proxy -> proxy.useSystemPropertyValues(false).useEnvironmentVariablesValues(false)));
    URI endpoint = endpoint(config);
    if (endpoint != null) {
      builder.endpointOverride(endpoint).forcePathStyle(true); // stores other than Amazon's rarely have a host name for each bucket
    }
    String accessKey = config.getString(ConfigKeys.S3_ACCESS_KEY);
    if (!accessKey.isEmpty()) {
      builder.credentialsProvider(StaticCredentialsProvider.create(
          AwsBasicCredentials.create(accessKey, config.getPassword(ConfigKeys.S3_SECRET_KEY).value())));
    }
    return builder.build();
  }

  private static URI endpoint(AccreteConfig config) {
    String endpoint = config.getString(ConfigKeys.S3_ENDPOINT);
    if (endpoint.isEmpty()) {
      return null;
    }
    try {
      URI uri = URI.create(endpoint);
      if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getRawUserInfo() == null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // told below, without repeating the text
    }
    throw new ConfigException(ConfigKeys.S3_ENDPOINT + " is not an address: expected one like https://s3.example.com:9000.");
  }
}
