package io.accrete.bundle;

import java.util.Map;

/**
 * What a bundle is to be written from.
 *
 * @param name name of the model; the version begins with it unless given
 * @param version model version, or null: the name and a hash of the contents, so that equal contents have equal versions
 * @param description a few sentences for the model card: what it is, what it was trained on, what it is not good for
 * @param encoder the encoder
 * @param aggregator the aggregator
 * @param lineage further facts for the manifest
 * @param metrics scores on held-back objects, by name
 */
public record BundleDraft(
    String name,
    String version,
    String description,
    EncoderGraph encoder,
    AggregatorGraph aggregator,
    Map<String, String> lineage,
    Map<String, Double> metrics) {
  /** A draft without version, further lineage and metrics. */
  public BundleDraft(String name, String description, EncoderGraph encoder, AggregatorGraph aggregator) {
    this(name, null, description, encoder, aggregator, Map.of(), Map.of());
  }

  /** The same with a description and metrics. */
  public BundleDraft described(String newDescription, Map<String, Double> newMetrics) {
    return new BundleDraft(name, version, newDescription, encoder, aggregator, lineage, newMetrics);
  }

  public BundleDraft {
    lineage = Map.copyOf(lineage);
    metrics = Map.copyOf(metrics);
    if (!Manifest.isVersion(name) || name.length() > 80) {
      throw new BundleException("A model's name consists of letters, digits, '.', '_' and '-', at most 80; found '" + name + "'.");
    }
  }
}
