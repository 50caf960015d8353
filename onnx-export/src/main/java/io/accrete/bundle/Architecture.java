package io.accrete.bundle;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonSubTypes.Type;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.accrete.model.Aggregator;
import io.accrete.model.AggregatorConfig;
import io.accrete.model.ConsensusConfig;
import io.accrete.model.MeanAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.Stem;
import io.accrete.model.VitConfig;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The configuration of a model as JSON in its graph's metadata, so that the model can be made again from the graph. */
final class Architecture {
  private static final String KEY = "accrete.architecture";

  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES) // what an older program wrote or a newer one means is not guessed
      .addMixIn(VitConfig.class, VitName.class)
      .addMixIn(Stem.class, StemNames.class)
      .addMixIn(AggregatorConfig.class, AggregatorNames.class)
      .build();

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonTypeName("vit")
  private interface VitName {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({@Type(name = "patch", value = Stem.Patch.class), @Type(name = "convolutional", value = Stem.Convolutional.class)})
  private interface StemNames {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @Type(name = "mean", value = MeanAggregator.class),
    @Type(name = "mile", value = MileConfig.class),
    @Type(name = "consensus", value = ConsensusConfig.class)
  })
  private interface AggregatorNames {}

  private Architecture() {}

  /** The metadata of a vision transformer's graph. */
  static Map<String, String> metadata(VitConfig config, Map<String, String> lineage) {
    return with(lineage, VitConfig.class, config);
  }

  /** The metadata of an aggregator's graph; an aggregator that is defined elsewhere has no architecture in it. */
  static Map<String, String> metadata(Aggregator aggregator, Map<String, String> lineage) {
    return AggregatorConfig.of(aggregator).map(config -> with(lineage, AggregatorConfig.class, config)).orElse(lineage);
  }

  /**
   * The configuration in a graph's metadata; empty if there is none.
   *
   * @throws BundleException if there is one that cannot be read
   */
  static <C> Optional<C> read(ModelProto model, Class<C> type, String name) {
    Optional<String> json = model.getMetadataPropsList().stream().filter(entry -> entry.getKey().equals(KEY)).findFirst()
        .map(entry -> entry.getValue());
    try {
      return json.isEmpty() ? Optional.empty() : Optional.of(JSON.readValue(json.get(), type));
    } catch (JsonProcessingException e) {
      throw new BundleException(name + " has an architecture that this program does not know: " + e.getOriginalMessage()
          + ". Use the version that wrote it, or a newer one.", e);
    }
  }

  /** A graph without a configuration in its metadata: one whose weights the model cannot be made of again. */
  static ModelProto without(ModelProto model) {
    ModelProto.Builder bare = model.toBuilder().clearMetadataProps();
    model.getMetadataPropsList().stream().filter(entry -> !entry.getKey().equals(KEY)).forEach(bare::addMetadataProps);
    return bare.build();
  }

  private static <C> Map<String, String> with(Map<String, String> lineage, Class<C> type, C config) {
    Map<String, String> metadata = new TreeMap<>(lineage);
    try {
      metadata.put(KEY, JSON.writerFor(type).writeValueAsString(config));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Every configuration can be written as JSON.", e);
    }
    return metadata;
  }
}
