package io.accrete.content;

import static io.accrete.content.ContentAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.config.AccreteConfig;
import io.accrete.content.ContentException.Reason;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobApiMetadata;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3ContentTest {
  private static final byte[] PHOTO = {1, 2, 3};

  private static BlobStoreContext blobs;
  private static S3Proxy store;

  @BeforeAll
  static void start() throws Exception {
    blobs = ContextBuilder.newBuilder(new TransientNio2BlobApiMetadata()).credentials("key", "secret").build(BlobStoreContext.class);
    BlobStore objects = blobs.getBlobStore();
    objects.createContainerInLocation(null, "photos");
    objects.createContainerInLocation(null, "private");
    put(objects, "photos", "a/b.jpg", PHOTO);
    put(objects, "photos", "ä b+c?#%.jpg", PHOTO);
    put(objects, "photos", "largest", new byte[4096]);
    put(objects, "photos", "larger", new byte[4097]);
    put(objects, "private", "a.jpg", PHOTO);
    store = S3Proxy.builder().blobStore(objects).endpoint(URI.create("http://127.0.0.1:0"))
        .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "key", "secret").build();
    store.start();
  }

  private static void put(BlobStore objects, String bucket, String key, byte[] bytes) {
    objects.putBlob(bucket, objects.blobBuilder(key).payload(bytes).contentLength(bytes.length).build());
  }

  @AfterAll
  static void stop() throws Exception {
    store.stop();
    blobs.close();
  }

  private static ContentResolver resolver(Map<String, String> settings) {
    Map<String, String> values = new HashMap<>(Map.of("content.s3.buckets", "photos", "content.s3.endpoint", "http://127.0.0.1:"
        + store.getPort(),
        "content.s3.access.key", "key", "content.s3.secret.key", "secret", "image.max.bytes", "4096",
        "content.http.timeout.ms", "50000")); // the first request loads the SDK, which a busy machine does slowly
    values.putAll(settings);
    return ContentResolvers.from(AccreteConfig.of(values));
  }

  @Test
  void shouldReadObjects() throws ContentException {
    try (ContentResolver content = resolver(Map.of())) {
      assertThat(content.fetch("s3://photos/a/b.jpg")).isEqualTo(PHOTO);
      assertThat(content.fetch("S3://photos/%C3%A4%20b+c%3F%23%25.jpg")).isEqualTo(PHOTO);
      assertThat(content.fetch("s3://photos/ä%20b%2Bc%3F%23%25.jpg")).isEqualTo(PHOTO);
      assertThat(content.fetch("s3://photos/largest")).hasSize(4096);
      assertRefused(content, "s3://photos/larger", Reason.TOO_LARGE);
      assertRefused(content, "s3://photos/none.jpg", Reason.NOT_FOUND);
    }
  }

  @Test
  void shouldReadOnlyFromAllowedBuckets() throws ContentException {
    try (ContentResolver content = resolver(Map.of()); ContentResolver any = resolver(Map.of("content.s3.buckets", "*"))) {
      assertRefused(content, "s3://private/a.jpg", Reason.NOT_ALLOWED);
      assertRefused(content, "s3://photos/../private/a.jpg", Reason.NOT_ALLOWED);
      assertRefused(content, "s3://photos/%2e%2e/private/a.jpg", Reason.NOT_ALLOWED);
      assertRefused(content, "s3://photos/..%2Fprivate/a.jpg", Reason.NOT_ALLOWED);
      assertThat(any.fetch("s3://private/a.jpg")).isEqualTo(PHOTO);
      assertRefused(any, "s3://no-such-bucket/a.jpg", Reason.NOT_FOUND);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3:photos", "s3://", "s3:///a.jpg", "s3://photos", "s3://photos/", "s3://photos:80/a.jpg",
      "s3://Photos/a.jpg", "s3://arn%3Aaws/a.jpg",
      "s3://photos/a.jpg?versionId=1", "s3://photos/a.jpg#x"})
  void shouldExplainMalformedReferences(String uri) {
    try (ContentResolver content = resolver(Map.of("content.s3.buckets", "*"))) {
      assertRefused(content, uri, Reason.INVALID_URI);
    }
  }

  @Test
  void shouldReportWrongCredentialsWithoutRepeatingThem() {
    try (ContentResolver content = resolver(Map.of("content.s3.secret.key", "hunter2"))) {
      assertThat(assertRefused(content, "s3://photos/a/b.jpg", Reason.UNREACHABLE)).hasMessageContaining("credentials")
          .hasMessageNotContaining("hunter2");
    }
  }

  @Test
  void shouldReportAStoreThatDoesNotAnswer() throws Exception {
    try (RawServer silent = new RawServer(out -> Thread.sleep(60_000));
        ContentResolver content = resolver(Map.of("content.s3.endpoint", "http://127.0.0.1:" + silent.port(),
            "content.http.timeout.ms", "500"))) {
      assertRefused(content, "s3://photos/a/b.jpg", Reason.UNREACHABLE);
    }
    try (RawServer drip = new RawServer(out -> {
      RawServer.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n");
      while (true) {
        RawServer.write(out, "1");
        Thread.sleep(20);
      }
    }); ContentResolver content = resolver(Map.of("content.s3.endpoint", "http://127.0.0.1:" + drip.port(), "content.http.timeout.ms",
        "500"))) {
      assertRefused(content, "s3://photos/a/b.jpg", Reason.UNREACHABLE);
    }
  }

  @Test
  void shouldHoldTheSizeLimitWhateverTheStoreAnnounces() throws Exception {
    try (RawServer endless = new RawServer(out -> {
      RawServer.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      while (true) {
        RawServer.write(out, "400\r\n" + "x".repeat(1024) + "\r\n");
      }
    }); ContentResolver content = resolver(Map.of("content.s3.endpoint", "http://127.0.0.1:" + endless.port()))) {
      assertRefused(content, "s3://photos/a/b.jpg", Reason.TOO_LARGE);
    }
  }

  @Test
  void shouldNotFollowAStoreThatRedirects() throws Exception {
    try (RawServer target = new RawServer(out -> RawServer.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: "
        + "close\r\n\r\nabc"));
        RawServer redirecting = new RawServer(out -> RawServer.write(out,
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: " + target.url() + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        ContentResolver content = resolver(Map.of("content.s3.endpoint", "http://127.0.0.1:" + redirecting.port()))) {
      assertRefused(content, "s3://photos/a/b.jpg", Reason.UNREACHABLE);
      assertThat(target.connections()).isZero();
    }
  }

  @Test
  void shouldExplainWrongSettings() {
    for (Map<String, String> wrong : List.of(Map.of("content.s3.endpoint", "127.0.0.1:9000"), Map.of("content.s3.endpoint", "ftp://host"),
        Map.of("content.s3.endpoint", "http://a:hunter2@host"), Map.of("content.s3.secret.key", ""))) {
      assertThatThrownBy(() -> resolver(wrong)).isInstanceOf(ConfigException.class).hasMessageContaining("content.s3.")
          .hasMessageNotContaining("hunter2");
    }
  }
}
