package io.accrete.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.accrete.model.Aggregator;
import io.accrete.model.AggregatorConfig;
import io.accrete.model.ConsensusConfig;
import io.accrete.model.MeanAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.onnx.OnnxFile;
import io.accrete.tensor.Algebra;
import io.accrete.tensor.Init;
import io.accrete.tensor.Parameters;
import io.accrete.tensor.Weights;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BundleWeightsTest {
  private static final int D = 16;
  private static final int SIZE = 16;
  private static final VitConfig PLAIN = VitConfig.plain(new Stem.Convolutional(List.of(16, 32), 1), SIZE, D, 1, 2);
  private static final VitConfig RICH = new VitConfig(new Stem.Patch(8), D, 2, 2, 24, 2, 3, true, true, true, true, true, true, 1e-5f);

  @TempDir private Path folder;

  static Stream<Arguments> models() {
    return Stream.of(false, true).flatMap(half -> Stream.of(
        Arguments.of(PLAIN, new MeanAggregator(D), half),
        Arguments.of(PLAIN, new MileConfig(MileConfig.Mode.PATCHES, true, D, 2, 0, 16, true, false), half),
        Arguments.of(RICH, new MileConfig(MileConfig.Mode.REGISTERS, false, D, 2, 2, 4, false, true), half),
        Arguments.of(RICH, new ConsensusConfig(D, 2, 2, 4, true, 3), half)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldGiveTheSameFilesWhenExportedAgain(VitConfig vit, AggregatorConfig aggregator, boolean half) {
    Bundle bundle = write("first", encoder(vit, random(), half), aggregator(vit, aggregator.aggregator(), random(), half));
    BundleWeights<VitConfig> encoder = BundleWeights.encoder(bundle);
    BundleWeights<AggregatorConfig> folding = BundleWeights.aggregator(bundle);
    assertThat(encoder.config()).isEqualTo(vit);
    assertThat(encoder.halfPrecision()).isEqualTo(half);
    assertThat(folding.config()).isEqualTo(aggregator);
    Bundle again = write("again", encoder(encoder.config(), encoder.weights(), encoder.halfPrecision()),
        aggregator(vit, folding.config().aggregator(), folding.weights(), folding.halfPrecision()));
    assertThat(again.encoder()).hasSameBinaryContentAs(bundle.encoder());
    assertThat(again.aggregator()).hasSameBinaryContentAs(bundle.aggregator());
    assertThat(again.version()).isEqualTo(bundle.version());
  }

  @Test
  void shouldGiveTheValuesThatWereWritten() {
    Bundle bundle = write("bundle", encoder(PLAIN, random(), false), aggregator(PLAIN, new MeanAggregator(D), random(), false));
    Weights weights = BundleWeights.encoder(bundle).weights();
    assertThat(weights.tensors()).containsKeys("cls", "positions", "stem.0.down.conv.weight", "blocks.0.attn.qkv.bias", "norm.weight")
        .noneSatisfy((name, value) -> assertThat(name).startsWith("constant"));
    assertThat(weights.tensors()).allSatisfy((name, value) ->
        assertThat(value).isEqualTo(random().get(name, Init.ZEROS, value.shape())));
    assertThat(BundleWeights.aggregator(bundle).weights().tensors()).isEmpty();
  }

  @Test
  void shouldSayThatAWrappedGraphCanBeUsedButNotTrained() {
    EncoderGraph ours = encoder(PLAIN, random(), false);
    EncoderGraph wrapped = new EncoderGraph(ours.model().toBuilder().clearMetadataProps().build(), ours.preprocessing(), ours.tokens(),
        ours.registers(), ours.dimension(), Map.of());
    Bundle bundle = write("bundle", wrapped, aggregator(PLAIN, new Forgetful(), random(), false));
    assertThatThrownBy(() -> BundleWeights.encoder(bundle)).isInstanceOf(BundleException.class)
        .hasMessageContaining("The encoder of " + bundle.version()).hasMessageContaining("can be used frozen, not trained");
    assertThatThrownBy(() -> BundleWeights.aggregator(bundle)).isInstanceOf(BundleException.class)
        .hasMessageContaining("The aggregator of " + bundle.version()).hasMessageContaining("Train a new one");
  }

  @Test
  void shouldRefuseAnArchitectureThatIsUnknownOrDoesNotFit() {
    AggregatorGraph mean = aggregator(PLAIN, new MeanAggregator(D), random(), false);
    Bundle unknown = write("unknown", changed(encoder(PLAIN, random(), false), "\"type\":\"vit\"", "\"type\":\"swin\""), mean);
    assertThatThrownBy(() -> BundleWeights.encoder(unknown)).isInstanceOf(BundleException.class)
        .hasMessageContaining("architecture that this program does not know").hasMessageContaining("swin");
    Bundle incomplete = write("incomplete", changed(encoder(PLAIN, random(), false), "\"depth\":1,", ""), mean);
    assertThatThrownBy(() -> BundleWeights.encoder(incomplete)).isInstanceOf(BundleException.class).hasMessageContaining("depth");
    Bundle deeper = write("deeper", changed(encoder(PLAIN, random(), false), "\"depth\":1", "\"depth\":2"), mean);
    assertThatThrownBy(() -> BundleWeights.encoder(deeper)).isInstanceOf(BundleException.class)
        .hasMessageContaining("does not hold the weights").hasMessageContaining("blocks.1.norm1.weight");
  }

  /** An aggregator that is not defined here. */
  private record Forgetful() implements Aggregator {
    @Override
    public int stateTokens() {
      return 1;
    }

    @Override
    public int dimension() {
      return D;
    }

    @Override
    public <T> T first(Algebra<T> a, T tokens) {
      return a.slice(tokens, 1, 0, 1);
    }

    @Override
    public <T> T next(Algebra<T> a, T state, T tokens, T count) {
      return first(a, tokens);
    }
  }

  /** Every value random, those of layers that start as ones or zeros too. */
  private static Parameters random() {
    return (name, init, shape) -> Parameters.random(1).get(name, Init.truncatedNormal(1), shape);
  }

  private static EncoderGraph changed(EncoderGraph encoder, String from, String to) {
    ModelProto.Builder model = encoder.model().toBuilder();
    model.getMetadataPropsBuilderList().forEach(entry -> {
      if (entry.getKey().equals("accrete.architecture")) {
        assertThat(entry.getValue()).contains(from);
        entry.setValue(entry.getValue().replace(from, to));
      }
    });
    return new EncoderGraph(model.build(), encoder.preprocessing(), encoder.tokens(), encoder.registers(), encoder.dimension(), Map.of());
  }

  private static EncoderGraph encoder(VitConfig config, Parameters parameters, boolean half) {
    return EncoderGraph.of(new Vit(config), parameters, Preprocessing.imageNet(SIZE, SIZE), half, Map.of("seed", "1"));
  }

  private static AggregatorGraph aggregator(VitConfig vit, Aggregator aggregator, Parameters parameters, boolean half) {
    return AggregatorGraph.of(aggregator, parameters, vit.tokens(SIZE), half, Map.of("trained", "not at all"));
  }

  private Bundle write(String name, EncoderGraph encoder, AggregatorGraph aggregator) {
    Bundle bundle = BundleWriter.write(new BundleDraft("model", "Only for tests.", encoder, aggregator), folder.resolve(name), false);
    assertThat(OnnxFile.read(bundle.encoder())).isEqualTo(encoder.model());
    return bundle;
  }
}
