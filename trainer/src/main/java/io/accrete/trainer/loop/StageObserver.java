package io.accrete.trainer.loop;

/** Follows a stage, on the training thread. What it throws stops the stage; the last checkpoint stays. */
public interface StageObserver {
  /** The stage begins, or goes on, with this step. */
  void started(long firstStep, long steps);

  /** A step is done. */
  void step(StepReport report);

  /** All before this step is on the disk. */
  void checkpointed(long nextStep);
}
