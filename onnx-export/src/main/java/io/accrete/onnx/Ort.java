package io.accrete.onnx;

import ai.onnxruntime.OrtEnvironment;
import java.util.concurrent.CompletableFuture;

/** The one environment of ONNX Runtime in this process. Everything that uses ONNX Runtime must ask here first. */
public final class Ort {
  private static final long ROOMY_STACK = 256L << 20;
  private static final OrtEnvironment ENVIRONMENT = create();

  private Ort() {}

  public static OrtEnvironment environment() {
    return ENVIRONMENT;
  }

  /**
   * On Linux, ONNX Runtime 1.29 matches the process's command line with a recursive expression when the environment is made; a class
   * path of a few thousand characters then overflows a usual stack and kills the JVM.
   */
  private static OrtEnvironment create() {
    CompletableFuture<OrtEnvironment> environment = new CompletableFuture<>();
    new Thread(null, () -> {
      try {
        environment.complete(OrtEnvironment.getEnvironment());
      } catch (RuntimeException | Error e) {
        environment.completeExceptionally(e);
      }
    }, "onnxruntime-start", ROOMY_STACK).start();
    return environment.join();
  }
}
