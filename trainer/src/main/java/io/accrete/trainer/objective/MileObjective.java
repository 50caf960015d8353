package io.accrete.trainer.objective;

import io.accrete.model.Aggregator;
import io.accrete.tensor.Parameters;
import io.accrete.trainer.torch.Schedule;
import io.accrete.trainer.objective.MileBatch.Crops;
import io.accrete.trainer.torch.Autocast;
import io.accrete.trainer.torch.ParameterGroup;
import io.accrete.trainer.torch.TorchAlgebra;
import io.accrete.trainer.torch.TorchParameters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * MILE (Leotescu et al., WACV 2025): self-distillation of embeddings of image sets. Crop c of an object's photos is one sequence, which the
 * aggregator folds into one embedding; whatever sequence a student sees, its head shall name the classes that a teacher's head names for
 * the sequences of large crops. The teacher is a moving average of the student.
 *
 * @param <I> see {@link MileBatch}
 */
public final class MileObjective<I> implements Objective<MileBatch<I>> {
  /** Its name in recipes, logs and model cards. */
  public static final String NAME = "mile";

  private static final String ENCODER = "encoder";
  private static final String AGGREGATOR = "aggregator";
  private static final String HEAD = "head";
  private static final String LAST = "last layer";

  private final MileEncoder<I> encoder;
  private final Size global;
  private final Size local;
  private final TorchParameters aggregator;
  private final DinoHead head;
  private final DinoLoss loss;
  private final MileSettings settings;
  private final LongFunction<MileBatch<I>> batches;
  private final Schedule temperatures;
  private final Schedule momenta;
  private final Map<String, TorchParameters> student = new LinkedHashMap<>();
  private final Map<String, TorchParameters> teacher = new LinkedHashMap<>();

  /**
   * Crops of one size.
   *
   * @param pixels per side
   * @param aggregator for the number of tokens that they become
   */
  public record Size(int pixels, Aggregator aggregator) {}

  /**
   * An objective that changes these parameters, and those of the encoder that learn.
   *
   * @param global large crops
   * @param local small crops; its aggregator has the same parameters
   * @param aggregator the aggregators' parameters
   * @param seed of the head
   * @param batches by number, as {@link Objective#batch}
   */
  public MileObjective(MileEncoder<I> encoder, Size global, Size local, TorchParameters aggregator, MileSettings settings, long seed,
      LongFunction<MileBatch<I>> batches) {
    this.encoder = encoder;
    this.global = global;
    this.local = local;
    this.aggregator = aggregator;
    this.settings = settings;
    this.batches = batches;
    int dimension = global.aggregator.dimension();
    head = new DinoHead(dimension, settings.hidden(), settings.bottleneck(), settings.classes());
    loss = new DinoLoss(settings.classes(), settings.studentTemperature(), settings.centring() ? settings.centreMomentum() : 1,
        ScalarType.Float);
    temperatures = settings.sharpening()
        ? new Schedule(settings.firstTeacherTemperature(), settings.teacherTemperature(), settings.teacherTemperature(),
            settings.temperatureWarmup(), settings.steps())
        : Schedule.cosine(settings.studentTemperature(), settings.studentTemperature(), settings.steps());
    momenta = Schedule.cosine(settings.teacherMomentum(), 1, settings.steps());
    encoder.learned().ifPresent(learned -> student.put(ENCODER, learned));
    if (aggregator.size() > 0) {
      student.put(AGGREGATOR, aggregator);
    }
    Parameters fresh = Parameters.random(seed);
    student.put(HEAD, TorchParameters.of(fresh, true, algebra -> head.project(algebra, torch.zeros(1, dimension))));
    student.put(LAST, TorchParameters.of(fresh, true, algebra -> head.logits(algebra, torch.zeros(1, settings.bottleneck()))));
    student.forEach((name, parameters) -> teacher.put(name, parameters.copy()));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public MileBatch<I> batch(long number) {
    return batches.apply(number);
  }

  @Override
  public Loss loss(MileBatch<I> batch, long step) {
    List<Tensor> seen = new ArrayList<>();
    seen.add(fold(encoder.student(batch.globals().images(), global.pixels, step), batch.globals(), global.aggregator, student));
    if (batch.locals().count() > 0) {
      seen.add(fold(encoder.student(batch.locals().images(), local.pixels, step), batch.locals(), local.aggregator, student));
    }
    Tensor guess = logits(torch.cat(new TensorVector(seen.toArray(Tensor[]::new)), 0), student);
    DinoLoss.Terms terms = loss.of(guess, target(batch), temperatures.at(step));
    Tensor first = seen.get(0).detach().narrow(0, 0, batch.objects());
    return new Loss(terms.value(), Map.of(Loss.TEACHER_ENTROPY, terms.entropy(), Loss.TEACHER_INFORMATION, terms.information()),
        Losses.unit(first));
  }

  private Tensor target(MileBatch<I> batch) {
    try (NoGradGuard none = new NoGradGuard()) {
      Tensor tokens = encoder.teacher(batch.globals().images(), global.pixels, teacher.get(ENCODER));
      return logits(fold(tokens, batch.globals(), global.aggregator, teacher), teacher);
    }
  }

  /** The embedding [crops · objects, D] of each sequence, at its own length. */
  private Tensor fold(Tensor tokens, Crops<?> crops, Aggregator definition, Map<String, TorchParameters> parameters) {
    TorchAlgebra algebra = new TorchAlgebra(parameters.getOrDefault(AGGREGATOR, aggregator));
    Tensor sequences = tokens.to(ScalarType.Float).reshape(-1, crops.length(), tokens.size(1), tokens.size(2));
    Tensor state = definition.first(algebra, sequences.select(1, 0));
    for (int photo = 1; photo < crops.length(); photo++) {
      Tensor count = algebra.expandBatch(algebra.reshape(algebra.constant(photo), 1, 1, 1), state);
      state = definition.next(algebra, state, sequences.select(1, photo), count);
    }
    return state.select(1, 0).to(ScalarType.Float);
  }

  /** In float32, as cosines of many classes lie close together; the head costs next to nothing beside the encoder. */
  private Tensor logits(Tensor embeddings, Map<String, TorchParameters> parameters) {
    return Autocast.off(() -> head.logits(new TorchAlgebra(parameters.get(LAST)),
        head.project(new TorchAlgebra(parameters.get(HEAD)), embeddings)));
  }

  @Override
  public void stepped(long step) {
    Scalar change = new Scalar(1 - momenta.at(step));
    student.forEach((name, parameters) -> teacher.get(name).values().lerp_(parameters.values(), change));
  }

  @Override
  public List<ParameterGroup> groups() {
    return student.entrySet().stream().map(entry -> new ParameterGroup(entry.getKey(), entry.getValue(), 1,
        entry.getKey().equals(LAST) ? settings.lastLayerFrozen() : 0)).toList();
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    student.keySet().forEach(name -> state.put("teacher." + name, teacher.get(name).values()));
    state.put("centre", loss.centre());
    return state;
  }

  @Override
  public double possibleEntropy() {
    return Math.log(settings.classes());
  }

  @Override
  public void close() {
    student.keySet().forEach(name -> teacher.get(name).close());
    student.get(HEAD).close();
    student.get(LAST).close();
    loss.close();
  }
}
