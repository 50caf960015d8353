package io.accrete.streams.rollout;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.events.ModelVersion;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.streams.encode.Runtimes;
import io.accrete.streams.fetch.BundleFetcher;
import java.util.List;
import java.util.Set;

/** Turns published versions into models that are ready to be used: fetched, verified, loaded and warmed. */
final class ModelLoader implements AutoCloseable {
  private final Bundle configured;
  private final BundleFetcher fetcher;
  private final RuntimeOptions options;

  /**
   * A loader for what the configuration allows.
   *
   * @param configured the bundle that this instance was given; it need not be fetched where it is what was published
   * @throws org.apache.kafka.common.config.ConfigException if the configuration does not say properly from where models may be fetched
   */
  ModelLoader(AccreteConfig config, Bundle configured) {
    this.configured = configured;
    this.fetcher = new BundleFetcher(config);
    this.options = Runtimes.shared(config);
  }

  /**
   * A model of a published version; the caller closes it.
   *
   * @throws io.accrete.bundle.BundleException if the bundle cannot be had or is not what was published
   * @throws io.accrete.runtime.ModelException if it cannot be run here
   */
  Model load(ModelVersion published) {
    boolean own = published.getManifestSha256().equals(configured.manifestSha256());
    Model model = Model.load(own ? configured : fetcher.fetch(published), options);
    try {
      warm(model);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** The first call of a session allocates and optimises; that must not happen within a transaction. */
  private static void warm(Model model) {
    int side = model.shapes().imageSize();
    model.fold(null, model.encode(List.of(new byte[side * side * 3]))[0], 0);
  }

  /** Removes the bundles of all other versions from this machine; models that are loaded go on. */
  void retain(Set<String> versions) {
    fetcher.retain(versions);
  }

  /** Ends a fetch under way. */
  @Override
  public void close() {
    fetcher.close();
  }
}
