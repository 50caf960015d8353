package io.accrete.trainer.objective;

import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.model.Vit;
import io.accrete.trainer.data.PhotoSet.PhotoObject;
import io.accrete.trainer.data.Views;
import io.accrete.trainer.torch.ParameterGroup;
import io.accrete.trainer.torch.Tensors;
import io.accrete.trainer.torch.TorchAlgebra;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** Tokens of random views, by an encoder that learns. */
public final class LearningEncoder implements TokenSource<byte[]> {
  private final Vit vit;
  private final TorchAlgebra.Source parameters;
  private final List<ParameterGroup> groups;
  private final Preprocessing preprocessing;
  private final int size;
  private final List<PhotoObject> objects;
  private final Views views;

  /**
   * An encoder.
   *
   * @param parameters what its parameters are computed from
   * @param groups what of them learns
   * @param size pixels per side of the views
   */
  public LearningEncoder(Vit vit, TorchAlgebra.Source parameters, List<ParameterGroup> groups, Preprocessing preprocessing, int size,
      List<PhotoObject> objects, Views views) {
    this.vit = vit;
    this.parameters = parameters;
    this.groups = List.copyOf(groups);
    this.preprocessing = preprocessing;
    this.size = size;
    this.objects = List.copyOf(objects);
    this.views = views;
  }

  @Override
  public int[] photos() {
    return objects.stream().mapToInt(object -> object.photos().size()).toArray();
  }

  @Override
  public byte[] images(List<Choice> choices, SplittableRandom random) {
    int bytes = size * size * 3;
    byte[] pixels = new byte[choices.size() * bytes];
    for (int i = 0; i < choices.size(); i++) {
      Choice choice = choices.get(i);
      System.arraycopy(views.view(objects.get(choice.object()).photos().get(choice.photo()), size, random), 0, pixels, i * bytes, bytes);
    }
    return pixels;
  }

  @Override
  public Tensor tokens(byte[] pixels) {
    TorchAlgebra algebra = new TorchAlgebra(parameters);
    int count = pixels.length / (size * size * 3);
    return vit.tokens(algebra, EncoderGraph.normalize(algebra, Tensors.bytes(pixels, count, size, size, 3), preprocessing), size);
  }

  @Override
  public List<ParameterGroup> groups() {
    return groups;
  }

  @Override
  public void close() {}
}
