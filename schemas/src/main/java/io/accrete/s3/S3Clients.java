package io.accrete.s3;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.net.URI;
import java.time.Duration;
import org.apache.kafka.common.config.ConfigException;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Builds the S3 client that the configuration describes. */
public final class S3Clients {
  private S3Clients() {}

  /**
   * Refuses a configuration from which no client can be made; cheap, for the start of the application.
   *
   * @throws ConfigException if the endpoint is no address, or one half of the credentials is missing
   */
  public static void check(AccreteConfig config) {
    endpoint(config);
    boolean key = config.getString(ConfigKeys.S3_ACCESS_KEY).isEmpty();
    boolean secret = config.getPassword(ConfigKeys.S3_SECRET_KEY).value().isEmpty();
    if (key != secret) {
      throw new ConfigException(ConfigKeys.S3_ACCESS_KEY + " and " + ConfigKeys.S3_SECRET_KEY
          + " go together: set both, or neither for the SDK's default credentials.");
    }
  }

  /**
   * A client; close it at the end.
   *
   * @param timeout longest time for one call in all, its retries included
   * @throws ConfigException as {@link #check} does
   */
  public static S3Client from(AccreteConfig config, Duration timeout) {
    check(config);
    Duration silence = Duration.ofMillis(config.getInt(ConfigKeys.HTTP_TIMEOUT));
    S3ClientBuilder builder = S3Client.builder()
        .region(Region.of(config.getString(ConfigKeys.S3_REGION)))
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED) // not all stores know the newer checksums
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .overrideConfiguration(override -> override.apiCallTimeout(timeout))
        .httpClientBuilder(UrlConnectionHttpClient.builder()
            .connectionTimeout(silence)
            .socketTimeout(silence)
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
