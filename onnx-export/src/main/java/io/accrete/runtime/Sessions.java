package io.accrete.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import io.accrete.bundle.Bundle;
import io.accrete.onnx.Ort;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two sessions of a model. The encoder runs on the device; the aggregator is small and always runs on the CPU, so that states are
 * folded alike everywhere.
 *
 * @param device CPU or CUDA: where the encoder does run
 * @param reason why, for people
 */
record Sessions(OrtSession encoder, OrtSession aggregator, Device device, String reason) {
  private static final Logger log = LoggerFactory.getLogger(Sessions.class);

  static Sessions open(Bundle bundle, RuntimeOptions options) {
    // One thread: it runs on many stream threads at once, and to share out its little work would take longer than to do it.
    OrtSession aggregator = cpu(bundle.aggregator(), new RuntimeOptions(Device.CPU, 1));
    try {
      return switch (options.device()) {
        case CPU -> new Sessions(cpu(bundle.encoder(), options), aggregator, Device.CPU, "device=cpu");
        case CUDA -> new Sessions(cuda(bundle.encoder(), options), aggregator, Device.CUDA, "device=cuda");
        case AUTO -> auto(bundle.encoder(), options, aggregator);
      };
    } catch (RuntimeException e) {
      close(aggregator);
      throw e;
    }
  }

  void close() {
    close(encoder);
    close(aggregator);
  }

  private static Sessions auto(Path encoder, RuntimeOptions options, OrtSession aggregator) {
    try {
      return new Sessions(tryCuda(encoder, options), aggregator, Device.CUDA, "device=auto, and CUDA is usable");
    } catch (OrtException | LinkageError e) {
      String reason = firstLine(e).contains("Failed to find CUDA shared provider")
          ? "this build has no CUDA (mvn -Pcuda makes one that has)"
          : "CUDA cannot be used (" + firstLine(e) + ")";
      log.info("The encoder runs on the CPU: {}", reason);
      return new Sessions(cpu(encoder, options), aggregator, Device.CPU, reason);
    }
  }

  private static OrtSession cpu(Path model, RuntimeOptions options) {
    OrtEnvironment environment = Ort.environment();
    try (SessionOptions session = options(options)) {
      return environment.createSession(model.toString(), session);
    } catch (OrtException e) {
      throw new ModelException("ONNX Runtime cannot load " + model + ": " + e.getMessage(), e);
    }
  }

  private static OrtSession cuda(Path model, RuntimeOptions options) {
    try {
      return tryCuda(model, options);
    } catch (OrtException | LinkageError e) {
      throw new ModelException("CUDA cannot be used (" + firstLine(e) + "). It needs a build with the Maven profile 'cuda' (mvn -Pcuda), "
          + "an NVIDIA driver, CUDA 12 and cuDNN 9; without them set device=cpu or device=auto.", e);
    }
  }

  private static OrtSession tryCuda(Path model, RuntimeOptions options) throws OrtException {
    // The list of available providers names CUDA even where there is no driver: only a session shows whether it works.
    OrtEnvironment environment = Ort.environment();
    try (SessionOptions session = options(options); OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(0)) {
      // TF32 has ten bits of mantissa: embeddings would no longer agree with those of a CPU.
      cuda.add("use_tf32", "0");
      if (options.deviceBytes() > 0) {
        cuda.add("gpu_mem_limit", Long.toString(options.deviceBytes()));
        cuda.add("arena_extend_strategy", "kSameAsRequested"); // the usual one doubles, and so meets the limit early
      }
      session.addCUDA(cuda);
      return environment.createSession(model.toString(), session);
    }
  }

  private static SessionOptions options(RuntimeOptions options) throws OrtException {
    SessionOptions session = new SessionOptions();
    // Idle threads that spin starve the stream threads on shared cores.
    session.addConfigEntry("session.intra_op.allow_spinning", "0");
    session.setIntraOpNumThreads(options.intraOpThreads());
    return session;
  }

  private static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      log.warn("A session did not close: {}", e.getMessage());
    }
  }

  private static String firstLine(Throwable error) {
    return String.valueOf(error.getMessage()).lines().findFirst().orElse("no reason given").strip();
  }
}
