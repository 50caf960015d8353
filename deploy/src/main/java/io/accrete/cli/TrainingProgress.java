package io.accrete.cli;

import io.accrete.trainer.loop.StepRecord;
import io.accrete.trainer.loop.TrainingListener;
import java.io.PrintStream;
import java.util.Locale;

/** Shows a training run's progress: steps, time left, loss and rate; events on lines of their own. */
final class TrainingProgress implements TrainingListener {
  private final PrintStream out;
  private Progress progress;

  TrainingProgress(PrintStream out) {
    this.out = out;
  }

  @Override
  public void started(Stage stage, long totalSteps, long firstStep) {
    progress = Progress.start("Step", firstStep, totalSteps, out);
  }

  @Override
  public void step(StepRecord step) {
    progress.task(String.format(Locale.ROOT, "Loss %.4g, %,.0f images/s, step", step.loss(), step.imagesPerSecond()));
    progress.stepTo(step.step() + 1);
  }

  @Override
  public void event(String line) {
    if (progress == null) { // between stages
      out.println(line);
    } else {
      progress.say(line);
    }
  }

  @Override
  public void ended() {
    progress.close();
    progress = null;
  }
}
