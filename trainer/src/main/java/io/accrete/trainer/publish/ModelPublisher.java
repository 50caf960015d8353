package io.accrete.trainer.publish;

import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleException;
import io.accrete.bundle.BundleVerifier;
import io.accrete.bundle.Manifest;
import io.accrete.bundle.Manifest.Shapes;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts bundles into the model store and tells of them on {@code model-versions}. Two at once must not publish one version. */
public final class ModelPublisher {
  private static final Logger log = LoggerFactory.getLogger(ModelPublisher.class);

  private final AccreteConfig config;

  public ModelPublisher(AccreteConfig config) {
    this.config = config;
  }

  /**
   * What publishing did.
   *
   * @param model what the topic says of the version now
   * @param changed false if all of it was published already
   */
  public record Publication(ModelVersion model, boolean changed) {}

  /**
   * Publishes a bundle, after its hashes and golden outputs were found to be right. What fails half way is completed by doing it again.
   *
   * @param replace whether scores, card and lineage that are published under this version may be replaced; the model never is
   * @throws PublishException if the version is published with other contents, or store or topic cannot be used
   * @throws BundleException if the bundle is not whole
   * @throws org.apache.kafka.common.config.ConfigException if the configuration names no store that can be written to
   * @throws org.apache.kafka.common.errors.SerializationException if the schema registry cannot be used
   */
  public Publication publish(Bundle bundle, boolean replace) {
    verify(bundle);
    VersionsTopic topic = new VersionsTopic(config);
    try (ModelStore store = ModelStore.open(config)) {
      String address = store.address(bundle.version());
      Optional<ModelVersion> known = topic.find(bundle.version());
      Optional<byte[]> stored = store.manifest(bundle.version());
      boolean isKnown = known.isPresent() && isPublished(bundle, known.get(), replace);
      boolean isStored = stored.isPresent() && isPublished(bundle, stored.get(), address, replace);
      if (isStored && isKnown && known.get().getBundleUri().equals(address)) {
        return new Publication(known.get(), false);
      }
      ModelVersion model = record(bundle, address);
      byte[] serialized = topic.serialize(model); // nothing is stored before the registry knows the schema
      if (!isStored) {
        store.put(bundle);
      }
      topic.send(bundle.version(), serialized);
      if (config.getString(ConfigKeys.MODELS_URI).isEmpty()) {
        log.warn("Model {} lies at {}, a folder of this machine. Instances on other machines need {}: set it everywhere to one store that "
            + "all of them reach.", bundle.version(), address, ConfigKeys.MODELS_URI);
      }
      return new Publication(model, true);
    }
  }

  /**
   * Publishes a bundle unless its version is known, wherever it lies and whatever is said of it.
   *
   * @throws PublishException as the other
   */
  public void publishUnlessKnown(Bundle bundle) {
    Optional<ModelVersion> known = new VersionsTopic(config).find(bundle.version());
    if (known.isPresent()) {
      isPublished(bundle, known.get(), true);
    } else {
      publish(bundle, true);
    }
  }

  private static void verify(Bundle bundle) {
    double error = BundleVerifier.verify(bundle.root());
    if (!(error <= BundleVerifier.TOLERANCE)) {
      throw new PublishException(String.format(Locale.ROOT, "%s does not compute its golden outputs: largest error %.2e, expected at most "
          + "%.0e. Write the bundle again.", bundle.root(), error, BundleVerifier.TOLERANCE));
    }
  }

  /** Whether the topic tells of the bundle as it is; throws if it tells of something that may not be replaced. */
  private boolean isPublished(Bundle bundle, ModelVersion known, boolean replace) {
    boolean sameModel = known.getEncoderSha256().equals(bundle.encoderSha256())
        && known.getAggregatorSha256().equals(bundle.aggregatorSha256());
    requireReplaceable(bundle, sameModel, "topic '" + config.getString(ConfigKeys.TOPIC_MODEL_VERSIONS) + "'");
    return isUnchanged(bundle, known.getManifestSha256().equals(bundle.manifestSha256()), replace);
  }

  /** Whether the store has the bundle as it is; throws if it has something that may not be replaced. */
  private static boolean isPublished(Bundle bundle, byte[] stored, String address, boolean replace) {
    Manifest manifest = Manifest.parse(stored, address + "/" + Bundle.MANIFEST);
    requireReplaceable(bundle, manifest.isSameModel(bundle.manifest()), address);
    return isUnchanged(bundle, Arrays.equals(stored, manifest(bundle)), replace);
  }

  private static void requireReplaceable(Bundle bundle, boolean sameModel, String place) {
    if (!sameModel) {
      throw new PublishException(bundle.version() + " is published already with another model (found in " + place
          + "). A version names one model for good: give this one another version.");
    }
  }

  private static boolean isUnchanged(Bundle bundle, boolean unchanged, boolean replace) {
    if (!unchanged && !replace) {
      throw new PublishException(bundle.version() + " is published already: the same model, but with other scores, lineage or card. "
          + "Replace them with --force, or give the bundle another version.");
    }
    return unchanged;
  }

  private static byte[] manifest(Bundle bundle) {
    try {
      return Files.readAllBytes(bundle.root().resolve(Bundle.MANIFEST));
    } catch (IOException e) {
      throw new PublishException("Cannot read " + bundle.root().resolve(Bundle.MANIFEST) + ": " + e.getMessage(), e);
    }
  }

  private static ModelVersion record(Bundle bundle, String address) {
    Shapes shapes = bundle.manifest().shapes();
    Map<String, String> lineage = bundle.manifest().lineage();
    return ModelVersion.newBuilder()
        .setModelVersion(bundle.version())
        .setBundleUri(address)
        .setEncoderSha256(bundle.encoderSha256())
        .setAggregatorSha256(bundle.aggregatorSha256())
        .setManifestSha256(bundle.manifestSha256())
        .setEmbeddingDimension(shapes.embedding())
        .setStateTokens(shapes.stateTokens())
        .setTokenDimension(shapes.dimension())
        .setImageSize(shapes.imageSize())
        .setObjective(lineage.get("objective"))
        .setMetrics(bundle.manifest().metrics())
        .setParent(lineage.get("parent"))
        .setPublishedAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
        .build();
  }
}
