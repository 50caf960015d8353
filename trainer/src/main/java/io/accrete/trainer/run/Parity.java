package io.accrete.trainer.run;

import io.accrete.bundle.Bundle;
import io.accrete.bundle.Manifest.Shapes;
import io.accrete.image.Preprocessor;
import io.accrete.image.RgbImage;
import io.accrete.runtime.Folded;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.trainer.data.PhotoSet.PhotoObject;
import io.accrete.trainer.loop.TrainingException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Proof that an exported bundle is the model that was trained: both embed the same photos. */
final class Parity {
  /** Largest difference allowed between two components of unit-length embeddings. */
  static final double TOLERANCE = 1e-4;
  private static final int OBJECTS = 8;
  private static final int PHOTOS = 4;

  private Parity() {}

  /**
   * The largest difference between components of the embeddings by libtorch and by ONNX Runtime.
   *
   * @throws TrainingException if it is above {@link #TOLERANCE}
   */
  static double check(TrainedModel trained, Bundle exported, List<PhotoObject> objects) {
    double largest = 0;
    Preprocessor preprocessor = new Preprocessor(exported.preprocessing());
    try (Model served = Model.load(exported, RuntimeOptions.cpu())) {
      for (PhotoObject object : objects.subList(0, Math.min(OBJECTS, objects.size()))) {
        List<byte[]> pixels = new ArrayList<>();
        for (RgbImage photo : object.photos().subList(0, Math.min(PHOTOS, object.photos().size()))) {
          pixels.add(preprocessor.pixels(photo));
        }
        List<float[]> tokens = pixels.stream().map(image -> served.encode(List.of(image))[0]).toList();
        largest = Math.max(largest, difference(trained(trained, pixels, tokens, served.shapes()), folded(served, tokens)));
      }
    }
    if (!(largest <= TOLERANCE)) {
      throw new TrainingException("The exported model differs from the trained one by " + largest + " in a component of an embedding; at "
          + "most " + TOLERANCE + " is allowed. It is not published: this is a fault in the export, please report it.");
    }
    return largest;
  }

  private static float[] trained(TrainedModel model, List<byte[]> pixels, List<float[]> tokens, Shapes shapes) {
    try (PointerScope scope = new PointerScope(); NoGradGuard none = new NoGradGuard()) {
      return model.embedding(model.encoder() != null ? pixels.stream().map(model::tokens).toList()
          : tokens.stream().map(image -> Tensor.create(image, 1, shapes.tokens(), shapes.dimension())).toList());
    }
  }

  /** The embedding of one object's images, given by their tokens, folded one by one as they are served. */
  static float[] folded(Model model, List<float[]> tokens) {
    Folded folded = null;
    for (int count = 0; count < tokens.size(); count++) {
      folded = model.fold(folded == null ? null : folded.state(), tokens.get(count), count);
    }
    return folded.embedding();
  }

  private static double difference(float[] a, float[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }
}
