package io.accrete.trainer.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.model.MileAggregator;
import io.accrete.trainer.torch.TorchAlgebra;
import io.accrete.vectors.ErrorTally;
import io.accrete.vectors.MileCase;
import io.accrete.vectors.VectorResult;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The MILE aggregator, image after image. */
public final class AggregatorVectors {
  private static final double TOLERANCE = 1e-9;

  private AggregatorVectors() {}

  /** Runs the vectors. */
  public static VectorResult run(String file, JsonNode content) {
    ErrorTally tally = new ErrorTally();
    MileCase.all(content).forEach(golden -> run(golden, tally));
    return tally.result(file);
  }

  private static void run(MileCase golden, ErrorTally tally) {
    MileAggregator aggregator = new MileAggregator(golden.config());
    TorchAlgebra algebra = new TorchAlgebra(new DoubleParameters(golden.parameters()), ScalarType.Double);
    try (PointerScope scope = new PointerScope()) {
      Tensor state = null;
      for (int image = 0; image < golden.images().size(); image++) {
        Tensor tokens = DoubleParameters.tensor(golden.images().get(image), 1, golden.tokens(), aggregator.dimension());
        state = image == 0 ? aggregator.first(algebra, tokens)
            : aggregator.next(algebra, state, tokens, DoubleParameters.tensor(new double[] {image}, 1, 1, 1));
        tally.add(golden.name() + ", image " + image, DoubleParameters.largestError(golden.states().get(image), state), TOLERANCE);
      }
    }
  }
}
