package io.accrete.streams;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.RolloutAction;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.http.ModelOrders;
import io.accrete.streams.http.ModelView;
import io.accrete.streams.rollout.RolloutClient;
import io.accrete.streams.rollout.RolloutOrderException;
import io.accrete.streams.rollout.RolloutView;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;

/** Asks the coordinator of the application, as the command line does: orders are rare, and need no connection that is kept. */
final class RolloutOrders implements ModelOrders {
  private static final int TIMEOUT_MS = 15_000;

  private final AccreteConfig config;
  private final Supplier<Optional<LiveModels>> models;

  RolloutOrders(AccreteConfig config, Supplier<Optional<LiveModels>> models) {
    this.config = config;
    this.models = models;
  }

  @Override
  public ModelView order(RolloutAction action, String version) {
    Map<String, Object> settings = config.kafkaClient();
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    try (Admin admin = Admin.create(settings); RolloutClient client = new RolloutClient(config, admin)) {
      client.ask(action, version);
      RolloutView view = client.view();
      return new RolloutQueries(() -> view, models, config.getInt(ConfigKeys.TOPIC_PARTITIONS)).versions().stream()
          .filter(model -> model.version().equals(version)).findFirst()
          .orElseThrow(() -> RolloutOrderException.unavailable(version + " is not published any more.", null));
    } catch (KafkaException e) {
      throw RolloutOrderException.unavailable("The rollouts cannot be read or changed now: " + e.getMessage()
          + " If an order was given, it may still be carried out; /v1/models shows it then.", e);
    }
  }
}
