package io.accrete.cli;

import io.accrete.retrieval.Evaluation;

/** Shows an evaluation's progress. */
final class EncodingProgress implements Evaluation.Listener, AutoCloseable {
  private Progress progress;

  @Override
  public void begins(long photos) {
    progress = Progress.start("Encoding", photos, System.err);
  }

  @Override
  public void encoded() {
    progress.step();
  }

  @Override
  public void close() {
    if (progress != null) {
      progress.close();
    }
  }
}
