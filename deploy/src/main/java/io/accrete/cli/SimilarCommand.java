package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.events.ObjectEmbedding;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accrete similar}: nearest objects, by exact search. */
@Command(name = "similar", mixinStandardHelpOptions = true,
    description = "Prints the objects most similar to an object or to a photo on disk, by inner product of their embeddings, and the "
        + "model version whose embeddings these are.")
final class SimilarCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "OBJECT|IMAGE", description = "An object id, or else an image file.")
  private String query;

  @Option(names = "-k", paramLabel = "K", defaultValue = "10", description = "How many objects (default ${DEFAULT-VALUE}).")
  private int k;

  @Option(names = "--bundle", paramLabel = "BUNDLE", description = "The model whose embeddings are searched: folder of its bundle, or "
      + Bundles.NAMES + ". Without it: the model version that is ACTIVE.")
  private String bundle;

  @Override
  public Integer call() throws IOException {
    if (k < 1) {
      throw new ParameterException(spec.commandLine(), "-k must be at least 1, found " + k + ".");
    }
    AccreteConfig config = options.load();
    ModelInUse model = bundle == null ? ModelInUse.active(config) : ModelInUse.named(bundle, config);
    try (EmbeddingTable table = new EmbeddingTable(config, new Topics(config).embeddings(model.version()),
        AvroSerdes.deserializer(ObjectEmbedding.class, config))) {
      table.catchUp(embedding -> { });
      ObjectEmbedding object = table.latest().get(query);
      List<Float> vector = object == null ? ofImage(config, model, table.latest().size()) : object.getVector();
      spec.commandLine().getOut().println("model version " + model);
      Neighbours.of(vector, table.latest(), k, object == null ? null : query)
          .forEach(near -> spec.commandLine().getOut().printf("%.4f  %s%n", near.score(), near.objectId()));
    }
    return 0;
  }

  private List<Float> ofImage(AccreteConfig config, ModelInUse model, int objects) throws IOException {
    Path image = Path.of(query);
    if (!Files.isRegularFile(image)) {
      throw new IllegalArgumentException("'" + query + "' is neither one of the " + objects + " objects nor an image file.");
    }
    return ImageEmbedding.of(config, model.bundle().get(), Files.readAllBytes(image));
  }
}
