package io.accrete.trainer.publish;

import io.accrete.config.AccreteConfig;
import io.accrete.events.TrainingProgress;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import io.accrete.trainer.loop.CollapseWatch;
import io.accrete.trainer.loop.StepRecord;
import io.accrete.trainer.loop.TrainingListener;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells {@code training-progress} how runs fare, every event and about a step a second, and another listener everything. Training never
 * waits for it: a thread of its own sends, and what Kafka or the registry does not take is dropped, which the log says once.
 */
public final class ProgressPublisher implements TrainingListener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ProgressPublisher.class);
  private static final long PACE_NANOS = 1_000_000_000L;
  private static final int WAITING = 256;
  private static final int TIMEOUT_MS = 5_000;
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private final AccreteConfig config;
  private final String topic;
  private final TrainingListener other;
  private final BlockingQueue<TrainingProgress> waiting = new ArrayBlockingQueue<>(WAITING);
  private final Thread thread = new Thread(this::send, "training-progress");
  private final Map<String, Double> values = new HashMap<>(); // measured since a step was told last
  private volatile boolean closing;
  private volatile boolean failing; // and it has been said
  private String run;
  private Stage stage = new Stage("", 0, 0);
  private long done;
  private long told;
  private boolean untold; // there is a step

  private ProgressPublisher(AccreteConfig config, TrainingListener other) {
    this.config = config;
    this.topic = new Topics(config).trainingProgress();
    this.other = other;
    thread.setDaemon(true);
  }

  /** Begins to tell; what is not of a run yet is told the other listener alone. */
  public static ProgressPublisher start(AccreteConfig config, TrainingListener other) {
    ProgressPublisher publisher = new ProgressPublisher(config, other);
    publisher.thread.start();
    return publisher;
  }

  @Override
  public void run(String name) {
    other.run(name);
    run = name;
    stage = new Stage("", 0, 0);
    done = 0;
  }

  @Override
  public void started(Stage begun, long totalSteps, long firstStep) {
    other.started(begun, totalSteps, firstStep);
    stage = begun;
    done = firstStep - begun.begin();
    values.clear();
    untold = false;
    told = System.nanoTime() - PACE_NANOS;
  }

  @Override
  public void step(StepRecord step) {
    other.step(step);
    done = step.step() + 1 - stage.begin();
    values.putAll(step.parts());
    values.put("loss", step.loss());
    values.put("learning rate", step.learningRate());
    values.put("images per second", step.imagesPerSecond());
    values.put("waiting for data", step.idle());
    untold = true;
    if (System.nanoTime() - told >= PACE_NANOS) {
      tellStep();
    }
  }

  @Override
  public void looked(CollapseWatch.Reading reading) {
    other.looked(reading);
    values.put("effective rank", reading.rank());
    values.put("similarity of different objects", reading.cosine());
  }

  @Override
  public void event(String line) {
    other.event(line);
    tell(Map.of(), line);
  }

  @Override
  public void ended() {
    other.ended();
    if (untold) {
      tellStep(); // curves go on to the last step
    }
  }

  private void tellStep() {
    told = System.nanoTime();
    untold = false;
    values.values().removeIf(value -> !Double.isFinite(value));
    tell(new HashMap<>(values), null);
    values.clear();
  }

  private void tell(Map<String, Double> measured, String event) {
    if (run == null) {
      return;
    }
    TrainingProgress progress = TrainingProgress.newBuilder().setRun(run).setStage(stage.name()).setStep(done).setSteps(stage.steps())
        .setValues(measured).setEvent(event).setAt(Instant.now().truncatedTo(ChronoUnit.MILLIS)).build();
    if (!waiting.offer(progress)) {
      dropped("more waits to be sent than there is room for");
    }
  }

  private void send() {
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT_MS);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 2 * TIMEOUT_MS);
    try (Serializer<TrainingProgress> serializer = AvroSerdes.serializer(config)) {
      KafkaProducer<String, byte[]> producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
      try {
        while (!closing || !waiting.isEmpty()) {
          TrainingProgress progress = waiting.poll(100, TimeUnit.MILLISECONDS);
          if (progress != null) {
            send(progress, serializer, producer);
          }
        }
      } finally {
        producer.close(FAREWELL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it has waited long enough for the end
    } catch (RuntimeException e) {
      dropped(e.getMessage());
    }
  }

  private void send(TrainingProgress progress, Serializer<TrainingProgress> serializer, KafkaProducer<String, byte[]> producer) {
    try {
      byte[] value = serializer.serialize(topic, progress);
      producer.send(new ProducerRecord<>(topic, 0, progress.getRun(), value), (written, failure) -> {
        if (failure == null) {
          arrived();
        } else {
          dropped(failure.getMessage());
        }
      });
    } catch (RuntimeException e) { // registry or brokers are away, or the topic is not there
      dropped(e.getMessage());
    }
  }

  private void dropped(String reason) {
    if (!failing) {
      failing = true;
      log.warn("Topic '{}' does not take the progress of training, which goes on: {}", topic, reason);
    }
  }

  private void arrived() {
    if (failing) {
      failing = false;
      log.info("Topic '{}' takes the progress of training again", topic);
    }
  }

  /** Sends what waits, if that is a matter of a few seconds. */
  @Override
  public void close() {
    closing = true;
    boolean interrupted = Thread.interrupted();
    try {
      thread.join(FAREWELL.multipliedBy(2).toMillis());
    } catch (InterruptedException e) {
      interrupted = true;
    }
    thread.interrupt();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
