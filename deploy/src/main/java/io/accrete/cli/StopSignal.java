package io.accrete.cli;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ctrl-C and SIGTERM: an orderly end, and only then the end of the process.
 *
 * <p>It is not a shutdown hook, because hooks run side by side: ONNX Runtime's own would free its environment while the app
 * still encodes. The signal API is reached by reflection, as it belongs to no Java module that may be named without a warning.
 */
final class StopSignal {
  private static final Logger log = LoggerFactory.getLogger(StopSignal.class);

  private final AtomicBoolean requested = new AtomicBoolean();
  private final Runnable end;

  private StopSignal(Runnable end) {
    this.end = end;
  }

  /** From now on a stop signal runs {@code end} once and then ends the process; a second signal ends it at once. */
  static StopSignal install(Runnable end) {
    StopSignal stop = new StopSignal(end);
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object onSignal = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler},
          (proxy, method, args) -> switch (method.getName()) {
        case "handle" -> {
          stop.handle((int) signal.getMethod("getNumber").invoke(args[0]));
          yield null;
        }
        case "equals" -> proxy == args[0];
        case "hashCode" -> System.identityHashCode(proxy);
        default -> "StopSignal";
      });
      for (String name : List.of("INT", "TERM")) {
        signal.getMethod("handle", signal, handler).invoke(null, signal.getConstructor(String.class).newInstance(name), onSignal);
      }
    } catch (ReflectiveOperationException e) { // a JVM without signals, or one told to leave them alone
      log.debug("No signal handlers; using a shutdown hook", e);
      Runtime.getRuntime().addShutdownHook(new Thread(end, "stop"));
    }
    return stop;
  }

  /** Whether the process is ending; what fails then fails because of it. */
  boolean requested() {
    return requested.get();
  }

  /** Waits until the process ends. */
  void await() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void handle(int number) {
    int status = 128 + number;
    if (!requested.compareAndSet(false, true)) {
      Runtime.getRuntime().halt(status);
    }
    Progress.leave();
    log.info("Stopping ...");
    try {
      end.run();
    } finally {
      System.exit(status);
    }
  }
}
