package io.accrete.trainer.run;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWeights;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Manifest.Shapes;
import io.accrete.bundle.Preprocessing;
import io.accrete.model.Aggregator;
import io.accrete.model.AggregatorConfig;
import io.accrete.model.MeanAggregator;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.onnx.OnnxFile;
import io.accrete.tensor.Parameters;
import io.accrete.tensor.Weights;
import io.accrete.trainer.recipe.Recipe;
import io.accrete.trainer.recipe.RecipeException;
import io.accrete.trainer.torch.Tensors;
import io.accrete.trainer.torch.TorchAlgebra;
import io.accrete.trainer.torch.TorchParameters;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The model that a run trains: an encoder, which may be one that only runs and does not learn, and an aggregator. */
final class TrainedModel implements AutoCloseable {
  private final Recipe recipe;
  private final Bundle start;
  private final boolean encoderLearns;
  private final Vit vit; // null: the encoder of the start, which does not learn
  private final TorchParameters encoder;
  private final Preprocessing preprocessing;
  private final Aggregator aggregator;
  private final TorchParameters aggregatorParameters;

  /**
   * A model as the recipe says; what the recipe does not describe is taken from {@code start}.
   *
   * @param encoderLearns whether a stage changes the encoder
   */
  TrainedModel(Recipe recipe, Bundle start, boolean encoderLearns) {
    this.recipe = recipe;
    this.start = start;
    this.encoderLearns = encoderLearns;
    if (start == null && (recipe.encoder() == null || recipe.aggregator() == null)) {
      throw new RecipeException("The recipe describes no " + (recipe.encoder() == null ? "encoder" : "aggregator")
          + ", and there is no model to take it from. Name one with --serving.");
    }
    VitConfig config;
    Parameters initial = Parameters.random(recipe.seed());
    if (recipe.encoder() != null) {
      config = recipe.encoder().config();
      preprocessing = Preprocessing.imageNet(recipe.encoder().resize(), recipe.encoder().imageSize());
      if (!encoderLearns) {
        throw new RecipeException("The recipe describes a new encoder, and no stage trains it.");
      }
    } else {
      preprocessing = start.preprocessing();
      BundleWeights<VitConfig> read = encoderLearns ? BundleWeights.encoder(start) : null;
      config = read == null ? null : read.config();
      initial = read == null ? initial : read.weights();
    }
    int size = preprocessing.cropSize();
    vit = config == null ? null : new Vit(config);
    encoder = vit == null ? null
        : TorchParameters.of(initial, true, algebra -> vit.tokens(algebra, torch.zeros(1, 3, size, size), size));
    aggregator = recipe.aggregator() == null ? BundleWeights.aggregator(start).config().aggregator()
        : recipe.aggregator().aggregator(dimension(), registers(), tokens() - 1 - registers());
    Parameters folding = recipe.aggregator() == null ? BundleWeights.aggregator(start).weights() : Parameters.random(recipe.seed());
    aggregatorParameters = TorchParameters.of(folding, true, algebra -> aggregator.step(algebra,
        torch.zeros(1, aggregator.stateTokens(), dimension()), torch.zeros(1, tokens(), dimension()), torch.ones(1)));
  }

  /** The transformer, if it learns. */
  Vit vit() {
    return vit;
  }

  Preprocessing preprocessing() {
    return preprocessing;
  }

  /** The transformer's parameters, if it learns. */
  TorchParameters encoder() {
    return encoder;
  }

  Aggregator aggregator() {
    return aggregator;
  }

  /** The same aggregator, over the tokens of images of another size; only where the encoder learns. */
  Aggregator aggregator(int imageSize) {
    int patches = vit.config().tokens(imageSize) - 1 - registers();
    return recipe.aggregator() != null ? recipe.aggregator().aggregator(dimension(), registers(), patches)
        : BundleWeights.aggregator(start).config().withPatches(patches).aggregator();
  }

  /** Gives the encoder other values. */
  void adopt(Weights weights) {
    try (PointerScope scope = new PointerScope(); NoGradGuard none = new NoGradGuard();
        TorchParameters other = TorchParameters.of(weights, false, algebra -> vit.tokens(algebra,
            torch.zeros(1, 3, preprocessing.cropSize(), preprocessing.cropSize()), preprocessing.cropSize()))) {
      encoder.values().copy_(other.values());
    }
  }

  TorchParameters aggregatorParameters() {
    return aggregatorParameters;
  }

  private Shapes shapes() {
    return start.manifest().shapes();
  }

  private int dimension() {
    return vit == null ? shapes().dimension() : vit.config().dimension();
  }

  private int registers() {
    return vit == null ? shapes().registers() : vit.config().registers();
  }

  private int tokens() {
    return vit == null ? shapes().tokens() : vit.config().tokens(preprocessing.cropSize());
  }

  /** A bundle with the encoder as it is now, in full precision, for its tokens. */
  Bundle withEncoder(Path target) {
    if (vit == null) {
      return start;
    }
    EncoderGraph graph = EncoderGraph.of(vit, encoder.weights(), preprocessing, false, Map.of());
    AggregatorGraph mean = AggregatorGraph.of(new MeanAggregator(dimension()), new Weights(Map.of()), graph.tokens(), false,
        Map.of("aggregator", "mean"));
    return BundleWriter.write(new BundleDraft("frozen", "An encoder on its way.", graph, mean), target, true);
  }

  /** Rounds the weights to the half precision in which they are exported, so that what is tried out is what will be served. */
  void roundToHalf() {
    for (TorchParameters parameters : vit == null ? List.of(aggregatorParameters) : List.of(encoder, aggregatorParameters)) {
      if (parameters.matrices() > 0) {
        try (PointerScope scope = new PointerScope(); NoGradGuard none = new NoGradGuard()) {
          Tensor matrices = parameters.values().narrow(0, 0, parameters.matrices());
          matrices.copy_(matrices.to(ScalarType.Half).to(ScalarType.Float));
        }
      }
    }
  }

  /** Tokens of an image by libtorch, in float32; only where the encoder learns. */
  Tensor tokens(byte[] pixels) {
    int size = preprocessing.cropSize();
    TorchAlgebra algebra = new TorchAlgebra(encoder);
    return vit.tokens(algebra, EncoderGraph.normalize(algebra, Tensors.bytes(pixels, 1, size, size, 3), preprocessing), size);
  }

  /** The embedding of one object's images, given by their tokens [1, T, D], folded one by one by libtorch in float32. */
  float[] embedding(List<Tensor> images) {
    TorchAlgebra algebra = new TorchAlgebra(aggregatorParameters);
    Tensor state = torch.zeros(1, aggregator.stateTokens(), aggregator.dimension());
    Tensor embedding = null;
    for (int count = 0; count < images.size(); count++) {
      Aggregator.Step<Tensor> step = aggregator.step(algebra, state, images.get(count), torch.tensor((float) count).view(1));
      state = step.state();
      embedding = step.embedding();
    }
    return Tensors.floats(embedding);
  }

  /** The model as a bundle, weights in half precision; an encoder that did not learn stays as it was, to the last byte. */
  Bundle export(Path target, String name, String description, Map<String, String> lineage, Map<String, Double> metrics) {
    EncoderGraph graph = encoderLearns
        ? EncoderGraph.of(vit, encoder.weights(), preprocessing, true, Map.of("encoder", vit.config().toString()))
        : new EncoderGraph(OnnxFile.read(start.encoder()), preprocessing, tokens(), registers(), dimension(), Map.of());
    AggregatorGraph folding = AggregatorGraph.of(aggregator, aggregatorParameters.weights(), graph.tokens(), true,
        Map.of("aggregator", described(aggregator)));
    return BundleWriter.write(new BundleDraft(name, null, description, graph, folding, lineage, metrics), target, true);
  }

  private static String described(Aggregator aggregator) {
    return AggregatorConfig.of(aggregator).map(Object::toString).orElseGet(aggregator::toString);
  }

  @Override
  public void close() {
    if (encoder != null) {
      encoder.close();
    }
    aggregatorParameters.close();
  }
}
