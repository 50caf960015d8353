package io.accrete.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.config.AccreteConfig;
import io.accrete.events.ObjectEmbedding;
import io.accrete.serde.AvroSerdes;
import io.accrete.subscriber.EmbeddingListener;
import io.accrete.subscriber.EmbeddingSubscriber;
import io.accrete.subscriber.Position;
import io.accrete.subscriber.Start;
import io.accrete.subscriber.Unreadable;
import io.accrete.topics.Topics;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete tail}: embeddings as they change, in the space of the ACTIVE model version or of a named one. */
@Command(name = "tail", mixinStandardHelpOptions = true,
    description = "Prints embeddings as they change, committed ones only, until Ctrl-C.")
final class TailCommand implements Callable<Integer>, EmbeddingListener {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Option(names = "--from-beginning", description = "Begins with everything that the topic holds.")
  private boolean fromBeginning;

  @Option(names = "--json", description = "Prints one JSON object a line, with the whole embedding, named as by 'accrete get --json'.")
  private boolean json;

  @Option(names = "--model", paramLabel = "VERSION",
      description = "Prints the embeddings of this model version. Without it: those of the ACTIVE one, also when that changes.")
  private String model;

  private EmbeddingSubscriber subscriber;

  @Override
  public Integer call() {
    AccreteConfig config = options.load();
    if (model == null) {
      follow(config);
    } else {
      read(config);
    }
    return 0;
  }

  private void follow(AccreteConfig config) {
    try (Cluster cluster = Cluster.connect(config)) { // a subscriber would wait for either; a person wants to know
      cluster.topic(new Topics(config).modelRollouts());
    }
    try (EmbeddingSubscriber following = new EmbeddingSubscriber(config, this, fromBeginning ? Start.beginning() : Start.end(),
        Unreadable.FAIL)) {
      subscriber = following;
      following.run();
    }
  }

  @Override
  public void onSpace(String modelVersion, boolean reset) {
    // The subscriber says so in the log.
  }

  @Override
  public void onEmbedding(String objectId, ObjectEmbedding embedding, Position position) {
    print(objectId, embedding);
  }

  @Override
  public void onGone(String objectId, Position position) {
    print(objectId, null);
  }

  private void read(AccreteConfig config) {
    try (CommittedTopic<ObjectEmbedding> topic =
        new CommittedTopic<>(config, new Topics(config).embeddings(model), AvroSerdes.deserializer(ObjectEmbedding.class, config))) {
      if (!fromBeginning) {
        topic.skipToEnd();
      }
      while (!out().checkError()) {
        topic.poll(Duration.ofSeconds(1), changed -> print(changed.key(), changed.value()));
      }
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private void print(String objectId, ObjectEmbedding embedding) {
    out().println(json ? json(objectId, embedding) : line(objectId, embedding));
    if (out().checkError() && subscriber != null) { // the reader of a pipe has left
      subscriber.close();
    }
  }

  private static String line(String objectId, ObjectEmbedding embedding) {
    return embedding == null
        ? objectId + "  gone"
        : String.format("%s  images %d  sequence %d  last %s  %s  [%.4f, %.4f, %.4f, …]", objectId, embedding.getImageCount(),
            embedding.getSequence(), embedding.getLastImageId(), embedding.getUpdatedAt(),
            component(embedding, 0), component(embedding, 1), component(embedding, 2));
  }

  private static float component(ObjectEmbedding embedding, int index) {
    return index < embedding.getVector().size() ? embedding.getVector().get(index) : 0;
  }

  private static String json(String objectId, ObjectEmbedding embedding) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("objectId", objectId);
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
