package io.accrete.trainer.run;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.model.Aggregator;
import io.accrete.model.MeanAggregator;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Parameters;
import io.accrete.tensor.Weights;
import io.accrete.trainer.recipe.AggregatorRecipe;
import io.accrete.trainer.recipe.Recipe;
import io.accrete.trainer.torch.TorchParameters;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.global.torch;

/** The model that a run trains: definitions, and the parameters that change. */
final class TrainedModel implements AutoCloseable {
  private final Vit vit;
  private final Preprocessing preprocessing;
  private final TorchParameters encoder;
  private final Aggregator aggregator;
  private final TorchParameters aggregatorParameters;
  private final String aggregatorName;

  /** A new model, as the recipe says, with fresh weights. */
  TrainedModel(Recipe recipe) {
    VitConfig config = recipe.encoder().config();
    vit = new Vit(config);
    int size = recipe.encoder().imageSize();
    preprocessing = Preprocessing.imageNet(recipe.encoder().resize(), size);
    encoder = TorchParameters.of(Parameters.random(recipe.seed()), true, algebra -> vit.tokens(algebra, torch.zeros(1, 3, size, size), size));
    AggregatorRecipe kind = recipe.aggregator();
    int tokens = config.tokens(size);
    aggregator = kind.aggregator(config.dimension(), config.registers(), tokens - 1 - config.registers());
    aggregatorName = kind.toString();
    aggregatorParameters = TorchParameters.of(Parameters.random(recipe.seed()), true, algebra -> aggregator.step(algebra,
        torch.zeros(1, aggregator.stateTokens(), config.dimension()), torch.zeros(1, tokens, config.dimension()), torch.ones(1)));
  }

  Vit vit() {
    return vit;
  }

  Preprocessing preprocessing() {
    return preprocessing;
  }

  TorchParameters encoder() {
    return encoder;
  }

  Aggregator aggregator() {
    return aggregator;
  }

  TorchParameters aggregatorParameters() {
    return aggregatorParameters;
  }

  /** A bundle of the encoder as it is now and the mean, in full precision: for its tokens. */
  Bundle encoderOnly(Path target) {
    EncoderGraph graph = EncoderGraph.of(vit, encoder.weights(), preprocessing, false, Map.of());
    AggregatorGraph mean = AggregatorGraph.of(new MeanAggregator(vit.config().dimension()), new Weights(Map.of()), graph.tokens(), false,
        Map.of("aggregator", "mean"));
    return BundleWriter.write(new BundleDraft("frozen", "An encoder on its way.", graph, mean), target, true);
  }

  /** The model as a bundle; weights in half precision. */
  Bundle export(Path target, String name, String description, Map<String, String> lineage, Map<String, Double> metrics) {
    EncoderGraph graph = EncoderGraph.of(vit, encoder.weights(), preprocessing, true, Map.of("encoder", vit.config().toString()));
    AggregatorGraph folding = AggregatorGraph.of(aggregator, aggregatorParameters.weights(), graph.tokens(), true,
        Map.of("aggregator", aggregatorName));
    return BundleWriter.write(new BundleDraft(name, null, description, graph, folding, lineage, metrics), target, true);
  }

  @Override
  public void close() {
    encoder.close();
    aggregatorParameters.close();
  }
}
