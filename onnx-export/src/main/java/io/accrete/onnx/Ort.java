package io.accrete.onnx;

import ai.onnxruntime.OrtEnvironment;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

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
    // No lambda here: its body would belong to this class, which is not initialised before the thread ends.
    FutureTask<OrtEnvironment> task = new FutureTask<>(OrtEnvironment::getEnvironment);
    new Thread(null, task, "onnxruntime-start", ROOMY_STACK).start();
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new OnnxException("ONNX Runtime does not start: " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OnnxException("Interrupted while ONNX Runtime was starting.", e);
    }
  }
}
