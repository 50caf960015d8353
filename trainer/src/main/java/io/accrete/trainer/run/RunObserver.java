package io.accrete.trainer.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.trainer.loop.CollapseLimits;
import io.accrete.trainer.loop.CollapseWatch;
import io.accrete.trainer.loop.StepRecord;
import io.accrete.trainer.loop.TrainingException;
import io.accrete.trainer.loop.TrainingListener;
import io.accrete.trainer.loop.TrainingLog;
import io.accrete.trainer.loop.TrainingLoop;
import io.accrete.trainer.objective.Loss;
import io.accrete.trainer.report.TrainingReport;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Follows one stage of a run: writes the log, tells the listener, watches for collapse. Its steps count on from the stages before. */
final class RunObserver implements TrainingLoop.Observer, AutoCloseable {
  private final Path directory;
  private final TrainingListener.Stage stage;
  private final long before;
  private final long total;
  private final Map<String, ?> facts;
  private final TrainingListener listener;
  private CollapseWatch watch;
  private TrainingLog log;
  private double secondsBefore;

  /**
   * An observer.
   *
   * @param total steps of all stages
   * @param facts for the log, about the stage
   */
  RunObserver(Path directory, TrainingListener.Stage stage, long total, Map<String, ?> facts, TrainingListener listener) {
    this.directory = directory;
    this.stage = stage;
    this.before = stage.begin();
    this.total = total;
    this.facts = facts;
    this.listener = listener;
  }

  @Override
  public void started(long firstStep) {
    log = TrainingLog.open(directory, before + firstStep);
    Past past = Past.of(directory, before);
    watch = new CollapseWatch(CollapseLimits.standard(), past.reading);
    secondsBefore = past.seconds;
    log.event(firstStep == 0 ? TrainingLog.START : TrainingLog.RESUME, facts);
    listener.started(stage, total, before + firstStep);
  }

  @Override
  public void step(StepRecord record, float[][] embeddings, double possibleEntropy) {
    StepRecord inRun = new StepRecord(before + record.step(), record.objective(), record.loss(), record.parts(), record.learningRate(),
        record.imagesPerSecond(), record.idle(), secondsBefore + record.seconds());
    log.step(inRun);
    listener.step(inRun);
    if (embeddings != null) {
      CollapseWatch.Reading reading = CollapseWatch.Reading.of(embeddings);
      Double entropy = record.parts().get(Loss.TEACHER_ENTROPY);
      judge(inRun.step(), entropy == null ? reading
          : reading.withTeacher(entropy, possibleEntropy, record.parts().get(Loss.TEACHER_INFORMATION)));
    }
  }

  private void judge(long step, CollapseWatch.Reading reading) {
    log.event(TrainingLog.COLLAPSE, reading);
    listener.looked(reading);
    Optional<String> verdict = watch.judge(step - before, reading);
    if (verdict.isPresent()) {
      String reason = "The run has " + verdict.get();
      log.event(TrainingLog.END, Map.of("reason", reason));
      TrainingReport.write(directory);
      throw new TrainingException(reason);
    }
  }

  @Override
  public void checkpointed(long nextStep) {
    log.event(TrainingLog.CHECKPOINT, Map.of("next", before + nextStep));
    TrainingReport.write(directory);
  }

  @Override
  public void close() {
    if (log != null) {
      log.close();
      listener.ended();
    }
  }

  /** What the log has from earlier stages and processes: the time they took, and the stage's first reading of the watch. */
  private static final class Past implements TrainingLog.Reader {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final long before;
    private Optional<CollapseWatch.Reading> reading = Optional.empty();
    private double seconds;

    private Past(long before) {
      this.before = before;
    }

    static Past of(Path directory, long before) {
      Past past = new Past(before);
      TrainingLog.read(directory, past);
      return past;
    }

    @Override
    public void step(StepRecord step) {
      seconds = step.seconds();
    }

    @Override
    public void event(TrainingLog.Event event) {
      if (event.event().equals(TrainingLog.COLLAPSE) && event.step() >= before && reading.isEmpty()) {
        reading = Optional.of(JSON.convertValue(event.facts(), CollapseWatch.Reading.class));
      }
    }
  }
}
