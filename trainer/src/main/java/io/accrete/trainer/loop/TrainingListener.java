package io.accrete.trainer.loop;

/** Follows a run, on the training thread: each stage is {@link #started} and {@link #ended}, however it ends; events may come between. */
public interface TrainingListener {
  /**
   * The run begins, or goes on.
   *
   * @param totalSteps all steps of the run, those of earlier processes included; negative if it has no end
   * @param firstStep number of the first step that will be done, counted from 0
   */
  void started(long totalSteps, long firstStep);

  /** A step is done; steps are counted from 0. */
  void step(long step, double loss, double imagesPerSecond);

  /** Something that people want to know, in a line. */
  void event(String line);

  /** The run is over. */
  void ended();
}
