package io.accrete.streams;

import io.accrete.runtime.Model;
import io.accrete.streams.http.Health;
import java.util.List;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;

/** Health as Kafka Streams and the model tell it. */
final class StreamsHealth implements Health {
  private final KafkaStreams streams;
  private final ThreadReplacement failures;
  private final Model model;

  StreamsHealth(KafkaStreams streams, ThreadReplacement failures, Model model) {
    this.streams = streams;
    this.failures = failures;
    this.model = model;
  }

  @Override
  public List<Check> live() {
    State state = streams.state();
    return List.of(new Check("streams", state != State.ERROR && state != State.PENDING_ERROR, reason(state)));
  }

  @Override
  public List<Check> ready() {
    State state = streams.state();
    return List.of(
        new Check("streams", state == State.RUNNING, reason(state)),
        new Check("model", true, "Model " + model.version() + " is loaded; it runs on " + model.device() + "."));
  }

  private String reason(State state) {
    return switch (state) {
      case CREATED -> "Kafka Streams has not been started.";
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
