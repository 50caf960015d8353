package io.accrete.trainer.objective;

import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.model.Vit;
import io.accrete.trainer.torch.Lora;
import io.accrete.trainer.torch.Tensors;
import io.accrete.trainer.torch.TorchAlgebra;
import io.accrete.trainer.torch.TorchParameters;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.Tensor;

/** An encoder that learns, from pixels. */
public final class PixelEncoder implements MileEncoder<byte[]> {
  private final Vit vit;
  private final Preprocessing preprocessing;
  private final TorchParameters learned;
  private final LongFunction<TorchAlgebra.Source> student;
  private final Function<TorchParameters, TorchAlgebra.Source> teacher;

  private PixelEncoder(Vit vit, Preprocessing preprocessing, TorchParameters learned, LongFunction<TorchAlgebra.Source> student,
      Function<TorchParameters, TorchAlgebra.Source> teacher) {
    this.vit = vit;
    this.preprocessing = preprocessing;
    this.learned = learned;
    this.student = student;
    this.teacher = teacher;
  }

  /** All of it learns. */
  public static PixelEncoder full(Vit vit, TorchParameters parameters, Preprocessing preprocessing) {
    return new PixelEncoder(vit, preprocessing, parameters, step -> parameters, copy -> copy);
  }

  /** The low-rank additions learn. */
  public static PixelEncoder lora(Vit vit, Lora lora, Preprocessing preprocessing) {
    return new PixelEncoder(vit, preprocessing, lora.additions(), lora::training, lora::with);
  }

  @Override
  public Optional<TorchParameters> learned() {
    return Optional.of(learned);
  }

  @Override
  public Tensor student(byte[] images, int size, long step) {
    return tokens(student.apply(step), images, size);
  }

  @Override
  public Tensor teacher(byte[] images, int size, TorchParameters copy) {
    return tokens(teacher.apply(copy), images, size);
  }

  private Tensor tokens(TorchAlgebra.Source parameters, byte[] images, int size) {
    TorchAlgebra algebra = new TorchAlgebra(parameters);
    Tensor pixels = Tensors.bytes(images, images.length / (size * size * 3), size, size, 3);
    return vit.tokens(algebra, EncoderGraph.normalize(algebra, pixels, preprocessing), size);
  }
}
