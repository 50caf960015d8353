package io.accrete.streams.fetch;

import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleException;
import io.accrete.bundle.Manifest;
import io.accrete.bundle.Manifest.FileInfo;
import io.accrete.events.ModelVersion;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;

/**
 * What is said of a published model, and where it lies.
 *
 * @param address of its folder, without a slash at the end
 */
record Publication(ModelVersion model, String address) {
  static Publication of(ModelVersion model) {
    if (!Manifest.isVersion(model.getModelVersion())) {
      throw new BundleException("'" + model.getModelVersion() + "' is published, and is not a model version: expected letters, digits, "
          + "'.', '_' and '-', at most 100. Publish the bundle again.");
    }
    String address = model.getBundleUri().replaceFirst("/+$", "");
    if (address.indexOf('?') >= 0 || address.indexOf('#') >= 0) {
      throw new BundleException("Model " + model.getModelVersion() + " is published at an address with a query or a fragment: expected "
          + "that of a folder. Publish it again.");
    }
    return new Publication(model, address);
  }

  String version() {
    return model.getModelVersion();
  }

  /** The address of one of its files. */
  String url(String name) {
    try {
      return address + new URI("file", null, "/" + name, null).getRawPath(); // percent-encodes
    } catch (URISyntaxException e) {
      throw new BundleException("The manifest at " + address + " names '" + name + "', which has no address.", e);
    }
  }

  /** Refuses a manifest that is of something else than was published. */
  void require(Manifest manifest) {
    List<String> expected = new ArrayList<>();
    List<String> found = new ArrayList<>();
    compare("version ", version(), manifest.version(), expected, found);
    compare("encoder ", model.getEncoderSha256(), hash(manifest, Bundle.ENCODER), expected, found);
    compare("aggregator ", model.getAggregatorSha256(), hash(manifest, Bundle.AGGREGATOR), expected, found);
    compare("embedding dimension ", model.getEmbeddingDimension(), manifest.shapes().embedding(), expected, found);
    compare("state tokens ", model.getStateTokens(), manifest.shapes().stateTokens(), expected, found);
    compare("token dimension ", model.getTokenDimension(), manifest.shapes().dimension(), expected, found);
    compare("image size ", model.getImageSize(), manifest.shapes().imageSize(), expected, found);
    if (!expected.isEmpty()) {
      throw new BundleException(url(Bundle.MANIFEST) + " does not describe the model that was published: expected "
          + String.join(", ", expected) + "; found " + String.join(", ", found) + ". Publish the bundle under another version.");
    }
  }

  private static void compare(String what, Object published, Object there, List<String> expected, List<String> found) {
    if (!published.equals(there)) {
      expected.add(what + published);
      found.add(what + there);
    }
  }

  private static String hash(Manifest manifest, String name) {
    FileInfo file = manifest.files().get(name);
    return file == null ? "missing" : file.sha256();
  }
}
