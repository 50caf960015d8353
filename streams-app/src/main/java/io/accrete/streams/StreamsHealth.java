package io.accrete.streams;

import io.accrete.events.RolloutState;
import io.accrete.streams.http.Health;
import io.accrete.streams.rollout.FollowedVersion;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;

/** Health as Kafka Streams and the models tell it. */
final class StreamsHealth implements Health {
  private final KafkaStreams streams;
  private final ThreadReplacement failures;
  private final Supplier<Optional<String>> startFailure;
  private final Supplier<Collection<FollowedVersion>> models;

  /**
   * Health of an application.
   *
   * @param startFailure why the stream threads were never started, if that failed
   * @param models the versions that this instance follows
   */
  StreamsHealth(KafkaStreams streams, ThreadReplacement failures, Supplier<Optional<String>> startFailure,
      Supplier<Collection<FollowedVersion>> models) {
    this.streams = streams;
    this.failures = failures;
    this.startFailure = startFailure;
    this.models = models;
  }

  @Override
  public List<Check> live() {
    State state = streams.state();
    boolean ok = startFailure.get().isEmpty() && state != State.ERROR && state != State.PENDING_ERROR;
    return List.of(new Check("streams", ok, reason(state)));
  }

  @Override
  public List<Check> ready() {
    State state = streams.state();
    return List.of(new Check("streams", state == State.RUNNING, reason(state)), model());
  }

  private Check model() {
    Collection<FollowedVersion> versions = models.get();
    List<String> loaded = versions.stream().filter(version -> version.model().isPresent())
        .map(version -> "Model " + version.version() + " is " + version.state() + " and loaded; it runs on "
            + version.model().get().device() + ".").toList();
    if (!loaded.isEmpty()) {
      return new Check("model", true, String.join(" ", loaded));
    }
    return new Check("model", false, versions.isEmpty() ? "No model is loaded; none is known of yet."
        : "No model is loaded. Known: " + versions.stream().map(version -> version.version() + " (" + version.state() + ")")
            .collect(Collectors.joining(", ")) + ".");
  }

  private String reason(State state) {
    return switch (state) {
      case CREATED -> startFailure.get().orElse("Kafka Streams has not been started; it waits for a model that is "
          + RolloutState.ACTIVE + " and loaded.");
      case REBALANCING -> "Partitions are being assigned or state is being restored." + lastFailure();
      case RUNNING -> "Kafka Streams is running." + lastFailure();
      case PENDING_SHUTDOWN, NOT_RUNNING -> "Kafka Streams has been stopped.";
      case PENDING_ERROR, ERROR -> "Kafka Streams stopped after an error; restart when it is mended." + lastFailure();
    };
  }

  private String lastFailure() {
    return failures.last().map(failure -> " The last failure of a stream thread was: " + failure).orElse("");
  }
}
