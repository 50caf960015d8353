package io.accrete.trainer.objective;

import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.image.RgbImage;
import io.accrete.model.Vit;
import io.accrete.tensor.Init;
import io.accrete.tensor.Parameters;
import io.accrete.trainer.data.Augmentation;
import io.accrete.trainer.data.Seeds;
import io.accrete.trainer.data.Views;
import io.accrete.trainer.recipe.DistillStage;
import io.accrete.trainer.torch.ParameterGroup;
import io.accrete.trainer.torch.Tensors;
import io.accrete.trainer.torch.TorchAlgebra;
import io.accrete.trainer.torch.TorchParameters;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Distillation of a frozen teacher: whatever view of a photo the encoder is shown, a linear head on its CLS token shall give the teacher's
 * vector of the whole photo (cosine), and the CLS tokens of a batch shall be as near to each other as the teacher's vectors are
 * (divergence of the softmax over similarities, as in Tejankar et al. 2021). The head is thrown away afterwards.
 */
public final class DistillObjective implements Objective<DistillObjective.Batch> {
  private final Vit vit;
  private final TorchParameters encoder;
  private final TorchParameters head;
  private final Preprocessing preprocessing;
  private final int size;
  private final List<List<Lesson>> lessons;
  private final Views views;
  private final DistillStage settings;
  private final long seed;

  /**
   * What there is to learn of one photo.
   *
   * @param teacher the teacher's vector of the photo, unit length
   */
  public record Lesson(RgbImage photo, float[] teacher) {}

  /**
   * Views and what the teacher says of their photos.
   *
   * @param pixels [n, size, size, 3]
   */
  public record Batch(byte[] pixels, float[][] teacher) {}

  /**
   * An objective that changes these parameters.
   *
   * @param size pixels per side of the views
   * @param lessons by object, none empty: objects are drawn evenly, so that those with many photos do not drown the rest
   */
  public DistillObjective(Vit vit, TorchParameters encoder, Preprocessing preprocessing, int size, List<List<Lesson>> lessons,
      DistillStage settings, long seed) {
    this.vit = vit;
    this.encoder = encoder;
    this.preprocessing = preprocessing;
    this.size = size;
    this.lessons = List.copyOf(lessons);
    this.views = new Views(Augmentation.MILD.withScale(settings.minScale(), 1));
    this.settings = settings;
    this.seed = seed;
    int length = lessons.get(0).get(0).teacher.length;
    head = TorchParameters.of(Parameters.random(seed), true, algebra -> told(algebra, torch.zeros(1, vit.config().dimension()), length));
  }

  @Override
  public String name() {
    return DistillStage.NAME;
  }

  @Override
  public Batch batch(long number) {
    int count = settings.batch();
    byte[] pixels = new byte[count * size * size * 3];
    float[][] teacher = new float[count][];
    for (int i = 0; i < count; i++) {
      SplittableRandom random = Seeds.random(seed, number, i);
      List<Lesson> object = lessons.get(random.nextInt(lessons.size()));
      Lesson lesson = object.get(random.nextInt(object.size()));
      System.arraycopy(views.view(lesson.photo, size, random), 0, pixels, i * size * size * 3, size * size * 3);
      teacher[i] = lesson.teacher;
    }
    return new Batch(pixels, teacher);
  }

  @Override
  public Loss loss(Batch batch, long step) {
    int count = batch.teacher.length;
    TorchAlgebra algebra = new TorchAlgebra(encoder);
    Tensor pixels = EncoderGraph.normalize(algebra, Tensors.bytes(batch.pixels, count, size, size, 3), preprocessing);
    Tensor cls = vit.tokens(algebra, pixels, size).select(1, 0);
    Tensor teacher = Tensors.rows(batch.teacher);
    Tensor told = told(new TorchAlgebra(head), cls, batch.teacher[0].length);
    Tensor embeddings = Losses.unit(cls);
    Tensor cosine = Losses.cosineDistance(Losses.unit(told), teacher);
    Tensor similarity = Losses.similarityDivergence(embeddings, teacher, settings.temperature());
    return new Loss(cosine.add(similarity.mul(new Scalar(settings.similarity()))),
        Map.of("cosine", cosine.detach(), "similarity", similarity.detach()), embeddings.detach());
  }

  private Tensor told(TorchAlgebra algebra, Tensor cls, int length) {
    return algebra.linear(cls, algebra.parameter("weight", Init.TRUNCATED_NORMAL, length, vit.config().dimension()),
        algebra.parameter("bias", Init.ZEROS, length));
  }

  @Override
  public List<ParameterGroup> groups() {
    return List.of(new ParameterGroup("encoder", encoder), new ParameterGroup("head", head));
  }

  @Override
  public void close() {
    head.close();
  }
}
