package io.accrete.trainer.torch;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** The native library that computes and differentiates. */
public final class Libtorch {
  private Libtorch() {}

  /**
   * Loads it, if it is not yet.
   *
   * @throws UnsupportedOperationException if this build has none for this machine; the message is for people
   */
  public static void require() {
    try {
      Loader.load(torch.class);
    } catch (LinkageError e) {
      throw new UnsupportedOperationException("Training needs libtorch, which this build does not have for " + Loader.getPlatform()
          + "; expected Linux x86-64, macOS or Windows x86-64, and a build made on it. Train there and publish the bundle from anywhere: "
          + "all but training works here. (" + e.getMessage() + ")", e);
    }
  }
}
