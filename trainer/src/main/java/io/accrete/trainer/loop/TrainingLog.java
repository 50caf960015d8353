package io.accrete.trainer.loop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of a run: a file of JSON lines in the run's directory, one for each step and each event. A line is either written whole or not
 * at all, and is in the file when the call returns, so that a killed process loses none.
 *
 * <p>Not for several threads at once.
 */
public final class TrainingLog implements AutoCloseable {
  /** Name of the file. */
  public static final String FILE = "log.jsonl";

  /** A run begins; the facts say what is trained, on what and how. */
  public static final String START = "start";
  /** A run goes on after a checkpoint. */
  public static final String RESUME = "resume";
  /** The state of the run was written. */
  public static final String CHECKPOINT = "checkpoint";
  /** Held-back objects were looked for: {@code candidateScores} and, if there is a serving model, {@code servingScores}. */
  public static final String EVALUATION = "evaluation";
  /** The gate decided about a candidate; the facts are its decision, with the scores of an evaluation. */
  public static final String GATE = "gate";
  /** The watch for collapse has looked; the facts are its {@link CollapseWatch.Reading}. */
  public static final String COLLAPSE = "collapse";
  /** A run is over; {@code reason} says why. */
  public static final String END = "end";

  private static final Logger log = LoggerFactory.getLogger(TrainingLog.class);
  private static final JsonMapper JSON = JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final Path file;
  private final FileChannel channel;
  private long length;
  private long step;

  /**
   * Something that happened.
   *
   * @param event its type
   * @param step the step that was logged last before it; -1 if there was none
   * @param facts a JSON object
   */
  public record Event(String event, long step, String time, JsonNode facts) {
    public Event {
      facts = facts == null ? MissingNode.getInstance() : facts;
    }
  }

  /** Takes what a log has, in order. */
  public interface Reader {
    /** A step. */
    void step(StepRecord step);

    /** An event. */
    void event(Event event);
  }

  private TrainingLog(Path file, FileChannel channel, long length, long step) {
    this.file = file;
    this.channel = channel;
    this.length = length;
    this.step = step;
  }

  /**
   * Opens the log of a run, to be continued.
   *
   * @param runDirectory made if it does not exist
   * @param firstStep the next step of the run; everything that is there of this step and later ones, and what was written after it, is
   *     dropped: a process that was killed had come further than its last checkpoint
   * @throws UncheckedIOException if the file cannot be read or written
   */
  public static TrainingLog open(Path runDirectory, long firstStep) {
    Path file = runDirectory.resolve(FILE);
    try {
      Files.createDirectories(runDirectory);
      FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        long length = firstStep == 0 ? 0 : lengthBefore(file, firstStep);
        channel.truncate(length).position(length);
        return new TrainingLog(file, channel, length, firstStep - 1);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw failure("open", file, e);
    }
  }

  /** Logs a step. */
  public void step(StepRecord record) {
    write(record);
    step = record.step();
  }

  /**
   * Logs an event, which belongs to the step that was logged last.
   *
   * @param facts a map or a record that Jackson writes as a JSON object
   */
  public void event(String type, Object facts) {
    write(new Event(type, step, Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(), JSON.valueToTree(facts)));
  }

  private void write(Object entry) {
    try {
      byte[] json = JSON.writeValueAsBytes(entry);
      ByteBuffer line = ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n').flip();
      while (line.hasRemaining()) {
        channel.write(line);
      }
      length += line.limit();
    } catch (IOException e) {
      cutTorn(e);
      throw failure("write", file, e);
    }
  }

  /** What a full disk took of a line would spoil the next one. */
  private void cutTorn(IOException failure) {
    try {
      channel.truncate(length);
    } catch (IOException e) {
      failure.addSuppressed(e); // the next open drops it
    }
  }

  /**
   * Reads the log of a run; nothing if there is none. A line that is cut short at the end is passed over, as is, with a warning, any other
   * that cannot be understood. A log that is being written may be read.
   *
   * @throws UncheckedIOException if the file cannot be read
   */
  public static void read(Path runDirectory, Reader reader) {
    Path file = runDirectory.resolve(FILE);
    if (!Files.exists(file)) {
      return;
    }
    try {
      lines(file, (json, end) -> {
        if (json.has("event")) {
          reader.event(JSON.treeToValue(json, Event.class));
        } else {
          reader.step(JSON.treeToValue(json, StepRecord.class));
        }
        return true;
      });
    } catch (IOException e) {
      throw failure("read", file, e);
    }
  }

  private static long lengthBefore(Path file, long firstStep) throws IOException {
    long[] length = {0};
    lines(file, (json, end) -> {
      if (json.path("step").asLong() >= firstStep) {
        return false;
      }
      length[0] = end;
      return true;
    });
    return length[0];
  }

  private interface Line {
    /** Takes an entry and where its line ends in the file; whether to go on. */
    boolean take(JsonNode json, long end) throws JsonProcessingException;
  }

  /** Whole lines only: the last may lack its end, as a killed process or a power cut leaves it. */
  private static void lines(Path file, Line each) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      boolean more = true;
      long at = 0;
      for (int b = in.read(); more && b >= 0; b = in.read()) {
        at++;
        if (b != '\n') {
          line.write(b);
          continue;
        }
        try {
          JsonNode json = JSON.readTree(line.toByteArray());
          more = each.take(json, at);
        } catch (JsonProcessingException e) {
          log.warn("Passing over a damaged line that ends at byte {} of {}: {}", at, file, e.getOriginalMessage());
        }
        line.reset();
      }
    }
  }

  private static UncheckedIOException failure(String verb, Path file, IOException cause) {
    String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return new UncheckedIOException("Cannot " + verb + " the training log " + file + ": " + reason
        + ". Nothing before is lost: make room or access there, and the run goes on from its last checkpoint.", cause);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failure("close", file, e);
    }
  }
}
