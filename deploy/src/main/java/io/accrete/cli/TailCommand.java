package io.accrete.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.config.AccreteConfig;
import io.accrete.events.ObjectEmbedding;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete tail}: embeddings as they change. */
@Command(name = "tail", mixinStandardHelpOptions = true,
    description = "Prints embeddings as they change, committed ones only, until Ctrl-C.")
final class TailCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Option(names = "--from-beginning", description = "Begins with everything that the topic holds.")
  private boolean fromBeginning;

  @Option(names = "--json", description = "Prints one JSON object a line, with the whole embedding, named as by 'accrete get --json'.")
  private boolean json;

  @Override
  public Integer call() {
    AccreteConfig config = options.load();
    PrintWriter out = spec.commandLine().getOut();
    try (CommittedTopic<ObjectEmbedding> topic =
        new CommittedTopic<>(config, new Topics(config).embeddings(Bundles.configured(config).version()),
            AvroSerdes.deserializer(ObjectEmbedding.class, config))) {
      if (!fromBeginning) {
        topic.skipToEnd();
      }
      while (!out.checkError()) { // the reader of a pipe may have left
        topic.poll(Duration.ofSeconds(1), changed -> out.println(json ? json(changed) : line(changed)));
        out.flush();
      }
    }
    return 0;
  }

  private static String line(ConsumerRecord<String, ObjectEmbedding> changed) {
    ObjectEmbedding embedding = changed.value();
    return embedding == null
        ? changed.key() + "  gone"
        : String.format("%s  images %d  sequence %d  last %s  %s  [%.4f, %.4f, %.4f, …]", changed.key(), embedding.getImageCount(),
            embedding.getSequence(), embedding.getLastImageId(), embedding.getUpdatedAt(),
            component(embedding, 0), component(embedding, 1), component(embedding, 2));
  }

  private static float component(ObjectEmbedding embedding, int index) {
    return index < embedding.getVector().size() ? embedding.getVector().get(index) : 0;
  }

  private static String json(ConsumerRecord<String, ObjectEmbedding> changed) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("objectId", changed.key());
    ObjectEmbedding embedding = changed.value();
    if (embedding == null) {
      fields.put("gone", true);
    } else {
      fields.put("modelVersion", embedding.getModelVersion());
      fields.put("imageCount", embedding.getImageCount());
      fields.put("sequence", embedding.getSequence());
      fields.put("lastImageId", embedding.getLastImageId());
      fields.put("updatedAt", embedding.getUpdatedAt().toString());
      fields.put("attributes", embedding.getAttributes());
      fields.put("embedding", embedding.getVector());
    }
    try {
      return JSON.writeValueAsString(fields);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
