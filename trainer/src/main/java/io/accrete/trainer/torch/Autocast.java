package io.accrete.trainer.torch;

import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Mixed precision on the calling thread: products and convolutions in bfloat16, everything else as it is. */
public final class Autocast {
  private Autocast() {}

  /** Computes something in mixed precision, or not. */
  public static <R> R with(boolean bfloat16, Supplier<R> computation) {
    boolean before = torch.is_autocast_enabled(DeviceType.CPU);
    torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
    torch.set_autocast_enabled(DeviceType.CPU, bfloat16);
    try {
      return computation.get();
    } finally {
      torch.set_autocast_enabled(DeviceType.CPU, before);
      if (bfloat16 && !before) {
        torch.clear_cache(); // of weights in bfloat16, which the next step changes
      }
    }
  }

  /** Computes something in the precision of its inputs. */
  public static <R> R off(Supplier<R> computation) {
    return with(false, computation);
  }
}
