package io.accrete.trainer.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.trainer.torch.Schedule;
import io.accrete.trainer.objective.DinoHead;
import io.accrete.trainer.objective.DinoLoss;
import io.accrete.trainer.torch.TorchAlgebra;
import io.accrete.vectors.ErrorTally;
import io.accrete.vectors.JsonArrays;
import io.accrete.vectors.VectorResult;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The projection head, the loss with its gradient and centre, and the schedules. */
public final class DinoVectors {
  private static final double TOLERANCE = 1e-9;

  private DinoVectors() {}

  /** Runs the vectors; not run where libtorch does not load. */
  public static VectorResult run(String file, JsonNode content) {
    ErrorTally tally = new ErrorTally();
    try (PointerScope scope = new PointerScope()) {
      head(content.get("head"), tally);
      loss(content.get("loss"), tally);
    } catch (LinkageError e) {
      return VectorResult.notRun(file, "libtorch does not load on this machine (" + e.getMessage() + ")");
    }
    schedules(content.get("schedules"), tally);
    return tally.result(file);
  }

  private static void head(JsonNode golden, ErrorTally tally) {
    DoubleParameters parameters = DoubleParameters.of(golden.get("params"));
    int[] classes = parameters.shape("last_layer.weight_v");
    int[] first = parameters.shape("mlp.0.weight");
    DinoHead head = new DinoHead(first[1], first[0], classes[1], classes[0]);
    TorchAlgebra algebra = new TorchAlgebra(parameters, ScalarType.Double);
    compare(tally, "head", golden.get("output"), head.logits(algebra, head.project(algebra, matrix(golden.get("input")))));
  }

  private static void loss(JsonNode golden, ErrorTally tally) {
    Schedule temperatures = new Schedule(golden.get("warmup_teacher_temp").asDouble(), golden.get("teacher_temp").asDouble(),
        golden.get("teacher_temp").asDouble(), golden.get("warmup_epochs").asLong(), golden.get("epochs").asLong());
    int classes = golden.get("steps").get(0).get("center_after").get(0).size();
    int number = 0;
    try (DinoLoss loss = new DinoLoss(
        classes, golden.get("student_temp").asDouble(), golden.get("center_momentum").asDouble(), ScalarType.Double)) {
      for (JsonNode step : golden.get("steps")) {
        String name = "loss step " + number++;
        double temperature = temperatures.at(step.get("epoch").asLong());
        tally.add(name + ", temperature", Math.abs(temperature - step.get("teacher_temp").asDouble()), TOLERANCE);
        Tensor student = matrix(step.get("student")).requires_grad_(true);
        Tensor value = loss.of(student, matrix(step.get("teacher")), temperature).value();
        value.backward();
        tally.add(name, Math.abs(value.item_double() - step.get("loss").asDouble()), TOLERANCE);
        compare(tally, name + ", gradient", step.get("grad_student"), student.grad());
        compare(tally, name + ", centre", step.get("center_after"), loss.centre());
      }
    }
  }

  /** The file holds the values alone; these are the settings that they were made with: 4 epochs of 5 steps, one of them warm-up. */
  private static void schedules(JsonNode golden, ErrorTally tally) {
    compare(tally, "lr", golden.get("lr"), new Schedule(0, 5e-4, 1e-6, 5, 20));
    compare(tally, "wd", golden.get("wd"), Schedule.cosine(0.04, 0.4, 20));
    compare(tally, "momentum", golden.get("momentum"), Schedule.cosine(0.996, 1, 20));
  }

  private static void compare(ErrorTally tally, String name, JsonNode expected, Schedule found) {
    for (int step = 0; step < expected.size(); step++) {
      tally.add(name + ", step " + step, Math.abs(expected.get(step).asDouble() - found.at(step)), TOLERANCE);
    }
  }

  private static void compare(ErrorTally tally, String name, JsonNode expected, Tensor found) {
    tally.add(name, DoubleParameters.largestError(JsonArrays.doubles(expected), found), TOLERANCE);
  }

  private static Tensor matrix(JsonNode rows) {
    return DoubleParameters.tensor(JsonArrays.doubles(rows), rows.size(), rows.get(0).size());
  }
}
