package io.accrete.streams.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleException;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.bundle.Sha256;
import io.accrete.config.AccreteConfig;
import io.accrete.events.ModelVersion;
import io.accrete.model.MeanAggregator;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Parameters;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobApiMetadata;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BundleFetcherTest {
  private static final int SIDE = 16;
  private static final int DIMENSION = 8;

  /** What a server answers instead of the file. */
  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  @TempDir private Path dir;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private Path store;
  private HttpServer server;
  private Bundle bundle;

  @BeforeEach
  void publish() throws IOException {
    store = dir.resolve("store");
    bundle = bundle(1);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** A bundle of a few kilobytes, in the store. */
  private Bundle bundle(long seed) {
    VitConfig vit = VitConfig.plain(new Stem.Patch(8), SIDE, DIMENSION, 1, 2);
    EncoderGraph encoder = EncoderGraph.of(new Vit(vit), Parameters.random(seed), Preprocessing.imageNet(SIDE, SIDE), false, Map.of());
    AggregatorGraph mean =
        AggregatorGraph.of(new MeanAggregator(DIMENSION), Parameters.random(seed), encoder.tokens(), false, Map.of());
    return BundleWriter.write(new BundleDraft("tiny", "v" + seed, "For a test.", encoder, mean, Map.of(), Map.of()),
        store.resolve("v" + seed), false);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring(1);
    requests.add(path);
    try (exchange) {
      Answer answer = answers.get(path);
      Path file = store.resolve(path);
      if (answer != null) {
        answer.to(exchange);
      } else if (Files.exists(file)) {
        exchange.sendResponseHeaders(200, Files.size(file));
        Files.copy(file, exchange.getResponseBody());
      } else {
        exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private String http() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private BundleFetcher fetcher(Duration patience, String... settings) {
    Map<String, String> values = new HashMap<>(Map.of("state.dir", dir.resolve("state").toString()));
    for (int i = 0; i < settings.length; i += 2) {
      values.put(settings[i], settings[i + 1]);
    }
    return new BundleFetcher(AccreteConfig.of(values), patience);
  }

  private BundleFetcher fromHttp() {
    return fetcher(Duration.ZERO, "models.uri", http());
  }

  private static ModelVersion.Builder record(Bundle bundle, String address) {
    return ModelVersion.newBuilder().setModelVersion(bundle.version()).setBundleUri(address).setEncoderSha256(bundle.encoderSha256())
        .setAggregatorSha256(bundle.aggregatorSha256()).setManifestSha256(Sha256.of(bundle.root().resolve(Bundle.MANIFEST)))
        .setEmbeddingDimension(DIMENSION).setStateTokens(1).setTokenDimension(DIMENSION).setImageSize(SIDE)
        .setPublishedAt(Instant.ofEpochMilli(1));
  }

  private ModelVersion published() {
    return record(bundle, http() + "/v1").build();
  }

  private String assertRefused(BundleFetcher fetcher, ModelVersion published) {
    BundleException refused = catchThrowableOfType(BundleException.class, () -> fetcher.fetch(published));
    assertThat(refused).as("a refusal").isNotNull();
    assertThat(refused.getMessage()).isPrintable().contains(URI.create(published.getBundleUri()).getRawPath())
        .doesNotContain("fetched-models");
    assertThat(fetched()).as("nothing half").isEmpty();
    return refused.getMessage();
  }

  private List<String> fetched() {
    Path folder = dir.resolve("state/fetched-models");
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertSame(Bundle found, Bundle expected) {
    assertThat(found.manifest()).isEqualTo(expected.manifest());
    assertThat(found.manifestSha256()).isEqualTo(expected.manifestSha256());
  }

  /** Changes the published manifest, as somebody who can write to the topic as well as to the store would. */
  private void manifest(Consumer<ObjectNode> change) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    Path file = bundle.root().resolve(Bundle.MANIFEST);
    ObjectNode manifest = (ObjectNode) mapper.readTree(file.toFile());
    change.accept(manifest);
    mapper.writeValue(file.toFile(), manifest);
  }

  @Test
  void shouldFetchOnceFromAFolder() throws IOException {
    try (BundleFetcher fetcher = fetcher(Duration.ZERO, "models.uri", store.toUri().toString())) {
      ModelVersion published = record(bundle, store.resolve("v1").toUri().toString()).build();
      Bundle found = fetcher.fetch(published);
      assertSame(found, bundle);
      assertThat(found.root()).isEqualTo(dir.resolve("state/fetched-models/v1").toAbsolutePath());

      Files.move(store, dir.resolve("gone"));
      assertSame(fetcher.fetch(published), bundle);
    }
  }

  @Test
  void shouldNameTheRemedyWhereAFileIsOfAnotherMachine() {
    String remedy = " If it lies on another machine: set models.uri, there and here, to a store that both reach, and publish the model "
        + "again.";
    try (BundleFetcher fetcher = fetcher(Duration.ZERO)) {
      assertThat(assertRefused(fetcher, record(bundle, dir.resolve("theirs/models/v1").toUri().toString()).build()))
          .contains("theirs/models/v1/manifest.json is not below one of").endsWith(remedy);
      assertThat(assertRefused(fetcher, record(bundle, dir.resolve("state/models/v1").toUri().toString()).build()))
          .startsWith("There is no file ").endsWith(remedy);
    }
  }

  @Test
  void shouldFetchFromAServerOnlyWhatIsNotThere() throws IOException {
    try (BundleFetcher fetcher = fromHttp()) {
      Bundle found = fetcher.fetch(published());
      assertSame(found, bundle);
      assertThat(requests).hasSize(bundle.manifest().files().size() + 1).contains("v1/encoder.onnx", "v1/golden/encoder/input_0.pb");

      requests.clear();
      assertSame(fetcher.fetch(published()), bundle);
      assertThat(requests).isEmpty();

      Files.writeString(found.root().resolve(Bundle.CARD), "scribbled over");
      assertSame(fetcher.fetch(published()), bundle);
      assertThat(requests).containsExactly("v1/manifest.json", "v1/README.md");

      Files.delete(found.root().resolve(Bundle.ENCODER));
      assertSame(fetcher.fetch(published()), bundle);
      assertThat(fetched()).containsExactly("v1");
    }
  }

  @Test
  void shouldFetchFromS3() throws Exception {
    try (BlobStoreContext blobs = ContextBuilder.newBuilder(new TransientNio2BlobApiMetadata()).credentials("key", "secret")
        .build(BlobStoreContext.class)) {
      BlobStore objects = blobs.getBlobStore();
      objects.createContainerInLocation(null, "our-models");
      for (String name : Stream.concat(bundle.manifest().files().keySet().stream(), Stream.of(Bundle.MANIFEST)).toList()) {
        byte[] bytes = Files.readAllBytes(bundle.root().resolve(name));
        objects.putBlob("our-models", objects.blobBuilder("a place/v1/" + name).payload(bytes).contentLength(bytes.length).build());
      }
      S3Proxy s3 = S3Proxy.builder().blobStore(objects).endpoint(URI.create("http://127.0.0.1:0"))
          .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "key", "secret").build();
      s3.start();
      String[] settings = {"models.uri", "s3://our-models/a%20place", "content.s3.endpoint", "http://127.0.0.1:" + s3.getPort(),
          "content.s3.access.key", "key", "content.s3.secret.key", "secret", "content.http.timeout.ms", "50000"};
      try (BundleFetcher fetcher = fetcher(Duration.ZERO, settings)) {
        assertThat(assertRefused(fetcher, record(bundle, "s3://our-models/other/v1").build())).contains("models.uri");
        assertThat(assertRefused(fetcher, record(bundle, "s3://our-models/a%20place/v2").build()))
            .isEqualTo("There is no object s3://our-models/a%20place/v2/manifest.json. The model was published there: put it back, or "
                + "publish it again.");
        assertSame(fetcher.fetch(record(bundle, "s3://our-models/a%20place/v1").build()), bundle);
      } finally {
        s3.stop();
      }
    }
  }

  @Test
  void shouldRefuseFilesThatAreNotWhatWasPublished() throws IOException {
    Path encoder = bundle.root().resolve(Bundle.ENCODER);
    byte[] whole = Files.readAllBytes(encoder);
    ModelVersion published = published();
    try (BundleFetcher fetcher = fetcher(Duration.ofHours(1), "models.uri", http())) { // no patience with what is wrong
      Files.write(encoder, Arrays.copyOf(whole, whole.length - 1));
      assertThat(assertRefused(fetcher, published)).startsWith(http() + "/v1/encoder.onnx must have " + whole.length + " bytes; found "
          + (whole.length - 1) + ". Put back what was published");
      Files.write(encoder, Arrays.copyOf(whole, whole.length + 1));
      assertThat(assertRefused(fetcher, published)).startsWith(http() + "/v1/encoder.onnx has " + (whole.length + 1)
          + " bytes: the manifest says " + whole.length + ".");
      byte[] changed = whole.clone();
      changed[changed.length / 2] ^= 1;
      Files.write(encoder, changed);
      requests.clear();
      assertThat(assertRefused(fetcher, published)).startsWith(http() + "/v1/encoder.onnx is not the file that was published: expected "
          + "SHA-256 " + bundle.encoderSha256() + ", found " + Sha256.of(encoder) + ".");
      assertThat(requests).containsOnlyOnce("v1/encoder.onnx");
      Files.write(encoder, whole);
      String before = published.getManifestSha256();
      manifest(manifest -> manifest.put("name", "another"));
      assertThat(assertRefused(fetcher, published)).contains("/v1/manifest.json is not the file that was published: expected SHA-256 "
          + before + ", found " + Sha256.of(bundle.root().resolve(Bundle.MANIFEST)));
      assertSame(fetcher.fetch(published()), Bundle.read(bundle.root()));
    }
  }

  @Test
  void shouldRefuseWhatDoesNotFitTheRecord() throws IOException {
    try (BundleFetcher fetcher = fromHttp()) {
      assertThat(assertRefused(fetcher, record(bundle, http() + "/v1").setImageSize(96).setEmbeddingDimension(384).build()))
          .isEqualTo(http() + "/v1/manifest.json does not describe the model that was published: expected embedding dimension 384, "
              + "image size 96; found embedding dimension 8, image size 16. Publish the bundle under another version.");
      assertThat(assertRefused(fetcher, record(bundle, http() + "/v1").setModelVersion("v2").build())).contains("expected version v2; ");
      assertThat(requests).containsOnly("v1/manifest.json");

      manifest(manifest -> ((ObjectNode) manifest.get("shapes")).put("tokens", 99));
      assertThat(assertRefused(fetcher, published())).contains(http() + "/v1/encoder.onnx").contains("tokens");
    }
  }

  @Test
  void shouldRefuseAModelThatDoesNotComputeWhatItPromises() throws IOException {
    Path golden = bundle.root().resolve("golden/encoder/output_0.pb");
    byte[] bytes = Files.readAllBytes(golden);
    bytes[bytes.length - 10] ^= 0x7f;
    Files.write(golden, bytes);
    manifest(manifest -> ((ObjectNode) manifest.get("files").get("golden/encoder/output_0.pb")).put("sha256", Sha256.of(golden)));
    try (BundleFetcher fetcher = fromHttp()) {
      assertThat(assertRefused(fetcher, published())).startsWith(http() + "/v1 does not compute its golden outputs on this machine: "
          + "largest error ");
    }
  }

  @Test
  void shouldHoldItsLimits() throws IOException {
    long size = bundle.manifest().files().values().stream().mapToLong(file -> file.bytes()).sum();
    try (BundleFetcher enough = fetcher(Duration.ZERO, "models.uri", http(), "models.max.bytes", Long.toString(size));
        BundleFetcher small = fetcher(Duration.ZERO, "models.uri", http(), "models.max.bytes", Long.toString(size - 1))) {
      assertThat(assertRefused(small, published())).contains("models.max.bytes allows " + (size - 1));
      assertThat(requests).containsExactly("v1/manifest.json");
      assertSame(enough.fetch(published()), bundle);
      enough.retain(Set.of());

      manifest(manifest -> ((ObjectNode) manifest.get("files").get("README.md")).put("bytes", -1));
      assertThat(assertRefused(enough, published())).contains("too large by its manifest");
      manifest(manifest -> manifest.put("name", "x".repeat(1 << 20)));
      assertThat(assertRefused(enough, published())).contains("a manifest has at most 1048576");
    }
  }

  @Test
  void shouldWriteNothingOutsideItsFolder() throws IOException {
    Path outside = dir.resolve("state/fetched-models/evil");
    manifest(manifest -> ((ObjectNode) manifest.get("files")).set("../evil", manifest.get("files").get("README.md")));
    try (BundleFetcher fetcher = fromHttp()) {
      BundleException refused = catchThrowableOfType(BundleException.class, () -> fetcher.fetch(published()));
      assertThat(refused).hasMessageContaining("'../evil'").hasMessageContaining("outside");
      assertThat(outside).doesNotExist();
      assertThat(fetched()).isEmpty();
      BundleException version = catchThrowableOfType(BundleException.class,
          () -> fetcher.fetch(record(bundle, http() + "/v1").setModelVersion("../../evil").build()));
      assertThat(version).hasMessageContaining("is not a model version");
    }
  }

  @Test
  void shouldGoOnlyWhereItMay() throws IOException {
    try (BundleFetcher fetcher = fetcher(Duration.ofHours(1), "models.uri", "https://models.example.com/")) {
      for (String address : List.of(http() + "/v1", bundle.root().toUri().toString(), "s3://bucket/v1", "ftp://host/v1")) {
        assertThat(assertRefused(fetcher, record(bundle, address).build())).contains("models.uri");
      }
      assertThat(requests).isEmpty();
    }
    answers.put("v1/encoder.onnx", exchange -> {
      exchange.getResponseHeaders().set("Location", "http://169.254.169.254/latest");
      exchange.sendResponseHeaders(302, -1);
    });
    try (BundleFetcher fetcher = fromHttp()) {
      BundleException refused = catchThrowableOfType(BundleException.class, () -> fetcher.fetch(published()));
      assertThat(refused).hasMessageContaining("http://169.254.169.254/latest").hasMessageContaining("models.uri");
    }
  }

  @Test
  void shouldSayThatAModelVanished() throws IOException {
    ModelVersion published = published();
    Files.delete(bundle.root().resolve(Bundle.AGGREGATOR));
    try (BundleFetcher fetcher = fetcher(Duration.ofHours(1), "models.uri", http())) {
      assertThat(assertRefused(fetcher, published)).isEqualTo("There is nothing at " + http() + "/v1/aggregator.onnx (HTTP 404). The model "
          + "was published there: put it back, or publish it again.");
    }
  }

  @Test
  void shouldTryAStoreAgainThatIsAway() {
    int own = 3; // tries of the HTTP client itself
    int[] calls = {0};
    Answer overloaded = exchange -> exchange.sendResponseHeaders(503, -1);
    answers.put("v1/encoder.onnx", exchange -> {
      if (++calls[0] > own) {
        answers.remove("v1/encoder.onnx");
      }
      overloaded.to(exchange);
    });
    try (BundleFetcher patient = fetcher(Duration.ofMinutes(1), "models.uri", http()); BundleFetcher impatient = fromHttp()) {
      assertSame(patient.fetch(published()), bundle);
      assertThat(calls[0]).isEqualTo(own + 1);
      patient.retain(Set.of());

      answers.put("v1/encoder.onnx", overloaded);
      assertThat(assertRefused(impatient, published())).contains("HTTP 503").contains("It was tried for 0 s");
    }
  }

  @Test
  void shouldFetchOnceForManyAtOnce() throws Exception {
    try (BundleFetcher one = fromHttp(); BundleFetcher other = fromHttp()) {
      CountDownLatch go = new CountDownLatch(1);
      List<Future<Bundle>> fetches = IntStream.range(0, 6).mapToObj(i -> threads.submit(() -> {
        go.await();
        return (i % 2 == 0 ? one : other).fetch(published());
      })).toList();
      go.countDown();
      for (Future<Bundle> fetch : fetches) {
        assertSame(fetch.get(), bundle);
      }
      assertThat(requests.stream().filter("v1/encoder.onnx"::equals).count()).isBetween(1L, 2L); // each fetcher once at most
      assertThat(fetched()).containsExactly("v1");
    }
  }

  @Test
  void shouldKeepWhatIsStillNeeded() throws IOException {
    Bundle second = bundle(2);
    try (BundleFetcher fetcher = fromHttp()) {
      fetcher.retain(Set.of());
      fetcher.fetch(published());
      fetcher.fetch(record(second, http() + "/v2").build());
      Files.createDirectories(dir.resolve("state/fetched-models/.v3-half/golden"));
      fetcher.retain(Set.of("v2", "v9"));
      assertThat(fetched()).containsExactly("v2");
      assertThat(bundle.root()).as("the store").isDirectory();
    }
  }

  @Test
  void shouldEndAFetchWhenClosed() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    answers.put("v1/encoder.onnx", exchange -> {
      asked.countDown();
      try {
        never.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    Future<Bundle> fetch;
    try (BundleFetcher fetcher = fetcher(Duration.ofHours(1), "models.uri", http())) {
      fetch = threads.submit(() -> fetcher.fetch(published()));
      asked.await();
    }
    assertThat(catchThrowableOfType(ExecutionException.class, fetch::get)).hasCauseInstanceOf(BundleException.class);
    assertThat(fetched()).isEmpty();
  }
}
