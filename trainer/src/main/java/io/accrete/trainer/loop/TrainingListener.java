package io.accrete.trainer.loop;

/** Follows a run, on the training thread: each stage is {@link #started} and {@link #ended}, however it ends; events may come between. */
public interface TrainingListener {
  /**
   * A stage of a run.
   *
   * @param name what it is called
   * @param begin its first step, in the run
   * @param steps how many it has
   */
  record Stage(String name, long begin, long steps) {}

  /** From now on everything is of this run. Its name is its own for good; a run that goes on keeps it. */
  default void run(String name) {}

  /**
   * A stage begins, or goes on.
   *
   * @param totalSteps all steps of the run, those of earlier processes included; negative if it has no end
   * @param firstStep number of the first step that will be done, counted from 0 in the run
   */
  void started(Stage stage, long totalSteps, long firstStep);

  /** A step is done; it is counted in the run. */
  void step(StepRecord step);

  /** The watch for collapse has looked at the embeddings, after the step that was told last. */
  default void looked(CollapseWatch.Reading reading) {}

  /** Something that people want to know, in a line. */
  void event(String line);

  /** The run is over. */
  void ended();
}
