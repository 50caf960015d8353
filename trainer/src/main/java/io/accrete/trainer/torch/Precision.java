package io.accrete.trainer.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What products and convolutions are computed in; weights and losses are float32 either way. */
public enum Precision {
  /** bfloat16 where the processor multiplies it in hardware; without, it is slower than float32. */
  AUTO,
  BFLOAT16,
  FLOAT32;

  private static final Path CPU = Path.of("/proc/cpuinfo");

  /** Whether that is bfloat16 on this machine. */
  public boolean isBfloat16() {
    return this == BFLOAT16 || this == AUTO && multipliesBfloat16();
  }

  private static boolean multipliesBfloat16() {
    try {
      String flags = Files.isReadable(CPU) ? Files.readString(CPU) : "";
      return flags.contains("avx512_bf16") || flags.contains("amx_bf16");
    } catch (IOException e) {
      return false;
    }
  }
}
