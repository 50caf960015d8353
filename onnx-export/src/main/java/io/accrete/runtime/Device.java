package io.accrete.runtime;

import java.util.Locale;

/** Where the encoder runs. */
public enum Device {
  /** CUDA if it works, else the CPU, with the reason logged. */
  AUTO,
  CPU,
  /** CUDA, or an error. */
  CUDA;

  /** The device by its name in the configuration: auto, cpu or cuda. */
  public static Device of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }
}
