package io.accrete.trainer.loop;

import io.accrete.checkpoint.CheckpointException;
import io.accrete.checkpoint.Safetensors;
import io.accrete.checkpoint.SafetensorsWriter;
import io.accrete.trainer.torch.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * What a stage needs to go on as if it had never stopped: learned values, the optimizer's averages, teacher and centre, the step. Random
 * numbers are functions of seed and step and need no keeping. One safetensors file, replaced as a whole.
 */
final class Checkpoint {
  private final Path file;
  private final String objective;
  private final Map<String, Tensor> live;

  /** A checkpoint of these tensors, which are read when it is saved and changed in place when it is loaded. */
  Checkpoint(Path file, String objective, Map<String, Tensor> live) {
    this.file = file;
    this.objective = objective;
    this.live = Map.copyOf(live);
  }

  /** Writes it, {@code step} being the first that is not done; until it is complete the one before stays. */
  void save(long step) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Map<String, io.accrete.tensor.Tensor> tensors = new TreeMap<>();
      live.forEach((name, tensor) -> {
        float[] values = Tensors.floats(tensor);
        tensors.put(key(name), new io.accrete.tensor.Tensor(values, values.length));
      });
      tensors.put(key("step"), new io.accrete.tensor.Tensor(new float[] {step}, 1));
      SafetensorsWriter.write(file, tensors, Map.of());
    }
  }

  /** The first step that is not done; 0 if there is no checkpoint of this objective. */
  long step() {
    if (!Files.exists(file)) {
      return 0;
    }
    Safetensors saved = Safetensors.open(file);
    return saved.shapes().containsKey(key("step")) ? (long) saved.read(key("step")).values()[0] : 0;
  }

  /**
   * Puts back what was saved.
   *
   * @return the first step to do; 0 if there is no checkpoint
   * @throws CheckpointException if it belongs to something else
   */
  long load() {
    if (!Files.exists(file)) {
      return 0;
    }
    Safetensors saved = Safetensors.open(file);
    if (!saved.shapes().containsKey(key("step"))) {
      throw new CheckpointException("The checkpoint " + file + " is not one of the objective '" + objective
          + "'. Give the run a folder of its own, or remove the checkpoint.");
    }
    try (PointerScope scope = new PointerScope()) {
      live.forEach((name, tensor) -> load(saved, name, tensor));
    }
    return step();
  }

  private void load(Safetensors saved, String name, Tensor into) {
    int[] shape = saved.shapes().get(key(name));
    long found = shape == null ? 0 : io.accrete.tensor.Tensor.size(shape);
    if (found != into.numel()) {
      throw new CheckpointException("The checkpoint " + file + " is one of another architecture: '" + name + "' has " + found
          + " values in it; expected " + into.numel() + ". Use the recipe it was made with, or give the run a folder of its own.");
    }
    into.view(-1).copy_(Tensor.create(saved.read(key(name)).values(), found));
  }

  private String key(String name) {
    return objective + "." + name;
  }
}
