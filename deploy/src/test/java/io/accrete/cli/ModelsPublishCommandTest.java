package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.events.ModelVersion;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.serde.AvroSerdes;
import io.accrete.trainer.publish.ModelPublisher;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobApiMetadata;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

@Timeout(120)
class ModelsPublishCommandTest {
  @TempDir private static Path shared;
  private static LocalCluster cluster;

  @TempDir private Path dir;
  private StringWriter out;
  private StringWriter err;

  @BeforeAll
  static void start() {
    cluster = LocalCluster.open(shared.resolve("data"), AccreteConfig.of(Map.of("topic.partitions", "2")), Ports.ANY);
    CommandLine line = Accrete.commandLine().setOut(new PrintWriter(new StringWriter()));
    assertThat(line.execute("topics", "create", "--config", cluster.configFile().toString())).isZero();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void shouldPublishOnceAndSayWhatItIs() {
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 11, null, Map.of("objective", "mile", "parent", "elder"),
        Map.of("aggregated.ar10", 0.75));
    Path stored = cluster.config().stateDirectory().resolve("models").resolve(bundle.version());

    assertThat(publish(bundle)).as("%s", err).isZero();
    assertThat(out.toString().strip()).contains("metrics.aggregated.ar10", "0.7500", " kB in ")
        .endsWith("Published " + bundle.version() + " at " + address(stored) + ", and on the topic model-versions.");
    assertThat(Bundle.read(stored).manifest()).isEqualTo(bundle.manifest());
    assertThat(versions(bundle.version())).singleElement().satisfies(model -> {
      assertThat(model.getModelVersion()).isEqualTo(bundle.version());
      assertThat(model.getBundleUri()).isEqualTo(address(stored));
      assertThat(model.getEncoderSha256()).isEqualTo(bundle.encoderSha256());
      assertThat(model.getAggregatorSha256()).isEqualTo(bundle.aggregatorSha256());
      assertThat(model.getManifestSha256()).isEqualTo(bundle.manifestSha256());
      assertThat(List.of(model.getEmbeddingDimension(), model.getStateTokens(), model.getTokenDimension(), model.getImageSize()))
          .containsExactly(12, 1, 12, 16);
      assertThat(model.getObjective()).isEqualTo("mile");
      assertThat(model.getParent()).isEqualTo("elder");
      assertThat(model.getMetrics()).containsOnly(Map.entry("aggregated.ar10", 0.75));
    });

    assertThat(publish(bundle)).isZero();
    assertThat(out.toString()).contains("Nothing to do: " + bundle.version() + " is published already, with the same hashes, at "
        + address(stored));
    assertThat(versions(bundle.version())).hasSize(1);
  }

  @Test
  void shouldReplaceWhatIsSaidOfAModelOnlyWhenForcedAndTheModelNever() {
    Bundle first = Runs.tinyBundle(dir.resolve("first"), 12);
    Bundle scored = Runs.tinyBundle(dir.resolve("scored"), 12, null, Map.of(), Map.of("mean.ar10", 0.5));
    Bundle other = Runs.tinyBundle(dir.resolve("other"), 13, first.version(), Map.of(), Map.of());
    Path stored = cluster.config().stateDirectory().resolve("models").resolve(first.version());
    assertThat(scored.version()).isEqualTo(first.version());
    assertThat(publish(first)).as("%s", err).isZero();

    assertThat(publish(scored)).isEqualTo(1);
    assertError(first.version() + " is published already: the same model, but with other scores, lineage or card. "
        + "Replace them with --force, or give the bundle another version.");
    assertThat(publish(scored, "--force")).as("%s", err).isZero();
    assertThat(Bundle.read(stored).manifestSha256()).isEqualTo(scored.manifestSha256());
    assertThat(versions(first.version())).extracting(ModelVersion::getManifestSha256)
        .containsExactly(first.manifestSha256(), scored.manifestSha256());

    for (String[] options : new String[][] {{}, {"--force"}}) {
      assertThat(publish(other, options)).isEqualTo(1);
      assertError(first.version() + " is published already with another model (found in topic 'model-versions'). "
          + "A version names one model for good: give this one another version.");
    }
    assertThat(publish(other, "--force", "-c", "topic.model.versions=model-rollouts")).isEqualTo(1);
    assertThat(err.toString()).contains("with another model (found in " + address(stored) + ")");
    assertThat(Bundle.read(stored).manifestSha256()).isEqualTo(scored.manifestSha256());
  }

  @Test
  void shouldCompleteWhatIsMissingAndStoreNothingWithoutARegistry() throws IOException {
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 14);
    String place = "models.uri=" + dir.resolve("store").toUri();
    Path stored = dir.resolve("store").resolve(bundle.version());

    assertThat(publish(bundle, "-c", place, "-c", "schema.registry.url=http://127.0.0.1:" + RealCluster.freePort())).isEqualTo(1);
    assertThat(err.toString()).contains("registry").hasLineCount(1);
    assertThat(stored).doesNotExist();
    assertThat(publish(bundle, "-c", place)).as("%s", err).isZero();

    FileUtils.deleteDirectory(stored.toFile());
    assertThat(publish(bundle, "-c", place)).as("%s", err).isZero();
    assertThat(out.toString()).contains("Published " + bundle.version());
    assertThat(Bundle.read(stored)).isNotNull();
    try (Stream<Path> files = Files.list(dir.resolve("store"))) {
      assertThat(files).as("no half of one").containsExactly(stored);
    }
  }

  @Test
  void shouldWarnOfAStoreThatOtherMachinesCannotReach() {
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 21);
    String[] alone = {"-c", "models.uri=", "-c", "state.dir=" + dir.resolve("state")};
    ListAppender<ILoggingEvent> warnings = new ListAppender<>();
    Logger log = (Logger) LoggerFactory.getLogger(ModelPublisher.class);
    warnings.start();
    log.addAppender(warnings);
    try {
      assertThat(publish(bundle, "-c", "models.uri=" + dir.resolve("store").toUri())).as("%s", err).isZero();
      assertThat(warnings.list).isEmpty();
      assertThat(publish(bundle, alone)).as("%s", err).isZero();
      assertThat(publish(bundle, alone)).as("nothing to do: %s", err).isZero();
    } finally {
      log.detachAppender(warnings);
    }
    assertThat(warnings.list).singleElement().extracting(ILoggingEvent::getFormattedMessage).isEqualTo("Model " + bundle.version()
        + " lies at " + address(dir.resolve("state/models").resolve(bundle.version())) + ", a folder of this machine. Instances on other "
        + "machines need models.uri: set it everywhere to one store that all of them reach.");
  }

  @Test
  void shouldKeepModelsInS3() throws Exception {
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 15);
    try (BlobStoreContext blobs = ContextBuilder.newBuilder(new TransientNio2BlobApiMetadata()).credentials("key", "secret")
        .build(BlobStoreContext.class)) {
      BlobStore objects = blobs.getBlobStore();
      objects.createContainerInLocation(null, "our-models");
      S3Proxy store = S3Proxy.builder().blobStore(objects).endpoint(URI.create("http://127.0.0.1:0"))
          .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "key", "secret").build();
      store.start();
      try {
        String[] s3 = {"-c", "content.s3.endpoint=http://127.0.0.1:" + store.getPort(), "-c", "content.s3.access.key=key",
            "-c", "content.s3.secret.key=secret", "-c", "models.uri=s3://our-models/a%20place/"};

        assertThat(publish(bundle, s3)).as("%s", err).isZero();
        assertThat(versions(bundle.version())).extracting(ModelVersion::getBundleUri)
            .containsExactly("s3://our-models/a%20place/" + bundle.version());
        for (String name : bundle.manifest().files().keySet()) {
          assertThat(objects.getBlob("our-models", "a place/" + bundle.version() + "/" + name).getPayload().openStream())
              .hasSameContentAs(Files.newInputStream(bundle.root().resolve(name)));
        }
        assertThat(publish(bundle, s3)).isZero();
        assertThat(out.toString()).contains("Nothing to do");

        assertThat(publish(bundle, with(s3, "-c", "models.uri=s3://their-models"))).isEqualTo(1);
        assertError("The store answered with HTTP 404 for s3://their-models/" + bundle.version()
            + ": is there a bucket 'their-models'?");
        assertThat(publish(bundle, with(s3, "-c", "content.s3.secret.key=hunter2"))).isEqualTo(1);
        assertThat(err.toString()).contains("HTTP 403", "credentials").doesNotContain("hunter2");
      } finally {
        store.stop();
      }
    }
  }

  @Test
  void shouldFetchWhatWasPublished() throws IOException {
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 19);
    Path stored = cluster.config().stateDirectory().resolve("models").resolve(bundle.version());
    Path target = dir.resolve("fetched");
    assertThat(publish(bundle)).as("%s", err).isZero();

    assertThat(fetch(bundle.version(), target)).as("%s", err).isZero();
    assertThat(out.toString().strip()).endsWith(bundle.version() + " is at " + target + ", as it was published at " + address(stored)
        + ".");
    assertThat(Bundle.read(target).manifestSha256()).isEqualTo(bundle.manifestSha256());
    assertThat(fetch(bundle.version(), target)).as("it is there already: %s", err).isZero();

    Path other = Runs.tinyBundle(dir.resolve("other"), 20).root();
    assertThat(fetch(bundle.version(), other)).isEqualTo(1);
    assertError("There is a bundle at " + other + " already; choose another place, or allow replacing it (--force).");
    assertThat(fetch(bundle.version(), other, "--force")).as("%s", err).isZero();
    assertThat(Bundle.read(other).version()).isEqualTo(bundle.version());

    assertThat(fetch("nothing", dir.resolve("nothing"))).isEqualTo(1);
    assertThat(err.toString()).contains("There is no model 'nothing' on topic 'model-versions'; found ", bundle.version()).hasLineCount(1);
    Files.writeString(stored.resolve("README.md"), "changed");
    assertThat(fetch(bundle.version(), dir.resolve("changed"))).isEqualTo(1);
    assertThat(err.toString()).contains(address(stored) + "/README.md must have ").hasLineCount(1);
    assertThat(dir.resolve("changed")).doesNotExist();
  }

  @Test
  void shouldExplainStoresThatCannotBeWrittenTo() {
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 16);

    assertThat(publish(bundle, "-c", "models.uri=https://me:hunter2@models.example.com/")).isEqualTo(1);
    assertError("models.uri is an https: address, from which models can be read but to which none can be published. Publish to the file: "
        + "or s3: address of what that server serves.");
    for (String wrong : List.of("models", "file:models", "file://host/models", "ftp://me:hunter2@host/models", "a b")) {
      assertThat(publish(bundle, "-c", "models.uri=" + wrong)).as(wrong).isEqualTo(1);
      assertError("models.uri is not the address of a model store: expected file:///folder or s3://bucket/prefix.");
    }
    for (String wrong : List.of("s3://Models/a", "s3:models", "s3://models/a/../b", "s3://models/a?b", "s3:///a")) {
      assertThat(publish(bundle, "-c", "models.uri=" + wrong)).as(wrong).isEqualTo(1);
      assertError("models.uri is not the address of a place in S3: expected s3://bucket/prefix, without query, fragment, '.' and '..'.");
    }
  }

  @Test
  void shouldExplainThatThereIsNoTopicOrNoBroker() throws Exception {
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 17);

    assertThat(publish(bundle, "-c", "topic.model.versions=none")).isEqualTo(1);
    assertThat(err.toString()).contains("There is no topic 'none' at 127.0.0.1:", "'accrete topics create' creates it").hasLineCount(1);
    try (Cluster connected = Cluster.connect(cluster.config())) {
      assertThat(connected.admin().listTopics().names().get()).contains("model-versions").doesNotContain("none");
    }
    assertThat(publish(bundle, "-c", "topic.model.versions=image-events")).isEqualTo(1);
    assertError("Topic 'image-events' has 2 partitions; expected 1. Delete it and create it again, or configure another name "
        + "(topic.model.versions).");
    String nobody = "127.0.0.1:" + RealCluster.freePort();
    assertThat(publish(bundle, "-c", "bootstrap.servers=" + nobody, "-c", "kafka.default.api.timeout.ms=1000",
        "-c", "kafka.request.timeout.ms=1000")).isEqualTo(1);
    assertError("No Kafka broker at " + nobody + " answered in time. Check bootstrap.servers.");
  }

  @Test
  void shouldPublishNothingThatDoesNotComputeWhatItPromises() throws Exception {
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 18);
    Path golden = bundle.root().resolve("golden/encoder/output_0.pb");
    byte[] bytes = Files.readAllBytes(golden);
    bytes[bytes.length - 10] ^= 0x7f;
    Files.write(golden, bytes);
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode manifest = (ObjectNode) mapper.readTree(bundle.root().resolve("manifest.json").toFile());
    ((ObjectNode) manifest.get("files").get("golden/encoder/output_0.pb"))
        .put("sha256", HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
    mapper.writeValue(bundle.root().resolve("manifest.json").toFile(), manifest);

    assertThat(publish(bundle)).isEqualTo(1);
    assertThat(err.toString()).contains("does not compute its golden outputs: largest error", "Write the bundle again").hasLineCount(1);
    assertThat(versions(bundle.version())).isEmpty();
  }

  private int publish(Bundle bundle, String... options) {
    return run(with(new String[] {"models", "publish", bundle.root().toString()}, options));
  }

  private int fetch(String version, Path target, String... options) {
    return run(with(new String[] {"models", "fetch", version, "--out", target.toString()}, options));
  }

  private int run(String[] arguments) {
    out = new StringWriter();
    err = new StringWriter();
    CommandLine line = Accrete.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true))
        .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    return line.execute(with(arguments, "--config", cluster.configFile().toString()));
  }

  private static String[] with(String[] arguments, String... more) {
    return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
  }

  private void assertError(String message) {
    assertThat(err.toString().strip()).isEqualTo("accrete: " + message);
  }

  private static String address(Path folder) {
    return folder.toAbsolutePath().toUri().toString().replaceFirst("/$", "");
  }

  /** Every record of a version, in order. */
  private static List<ModelVersion> versions(String version) {
    List<ConsumerRecord<String, ModelVersion>> records = new ArrayList<>();
    try (CommittedTopic<ModelVersion> topic =
        new CommittedTopic<>(cluster.config(), "model-versions", AvroSerdes.deserializer(ModelVersion.class, cluster.config()))) {
      topic.catchUp(records::add);
    }
    return records.stream().filter(record -> record.key().equals(version)).map(ConsumerRecord::value).toList();
  }
}
