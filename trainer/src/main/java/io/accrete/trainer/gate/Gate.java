package io.accrete.trainer.gate;

import io.accrete.bundle.Bundle;
import io.accrete.image.ImageLimits;
import io.accrete.retrieval.Difference;
import io.accrete.retrieval.Evaluation;
import io.accrete.retrieval.Photo;
import io.accrete.retrieval.RetrievalReport;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Lets a candidate pass if its aggregated embeddings find held-back objects better than those of the serving model, over the same draws of
 * disjoint halves of each object's photos.
 *
 * @param images photos a side, at least 1
 * @param draws number of random draws, at least 1
 * @param margin least gain in AR@10, at least 0
 * @param runtime how both models are run
 */
public record Gate(int images, int draws, double margin, RuntimeOptions runtime) {
  /** Fewer objects say little about any others. */
  static final int LEAST_OBJECTS = 5;

  /** Below this a difference in AR@10 is a rounding that swaps neighbours: a mean aggregator is not always its own mean to the bit. */
  private static final double TIE = 0.001;

  /** A difference within so many standard errors may be the luck of the draws. */
  private static final double STANDARD_ERRORS = 2;
  private static final long SEED = 0;

  /** Refuses a margin below 0; what else is out of range the evaluation refuses. */
  public Gate {
    if (!(margin >= 0)) {
      throw new IllegalArgumentException("Expected a margin of at least 0 AR@10, found " + margin + ".");
    }
  }

  /** 4 photos a side, 20 draws, a margin of .005, on the CPU. */
  public static Gate standard() {
    return new Gate(4, 20, 0.005, RuntimeOptions.cpu());
  }

  /**
   * Compares two models.
   *
   * @param serving the model in use; empty if there is none
   * @param heldBack photos of objects that the candidate was not trained on, by object id
   * @throws IllegalArgumentException if there are enough objects, but of none two photos that can be decoded
   */
  public Decision decide(Bundle candidate, Optional<Bundle> serving, Map<String, List<Photo>> heldBack, Evaluation.Listener listener) {
    long pairs = heldBack.values().stream().filter(photos -> photos.size() > 1).count();
    if (pairs < LEAST_OBJECTS) {
      return new Decision(false, tooFew(pairs), candidate, serving, margin, null, null, null);
    }
    RetrievalReport scores = evaluate(candidate, heldBack, listener);
    return judge(candidate, serving, scores, serving.map(bundle -> evaluate(bundle, heldBack, listener)).orElse(null));
  }

  Decision judge(Bundle candidate, Optional<Bundle> serving, RetrievalReport scores, RetrievalReport others) {
    Difference gain = others == null ? null : scores.aggregated().minus(others.aggregated());
    String refusal = scores.objects() < LEAST_OBJECTS ? tooFew(scores.objects()) : refusal(candidate, serving, scores, gain);
    String reason = refusal == null ? praise(serving, gain) : refusal;
    return new Decision(refusal == null, reason, candidate, serving, margin, gain, scores, others);
  }

  private RetrievalReport evaluate(Bundle bundle, Map<String, List<Photo>> heldBack, Evaluation.Listener listener) {
    try (Model model = Model.load(bundle, runtime)) {
      return new Evaluation(model, ImageLimits.LOCAL, images, draws, SEED).halves(heldBack, listener);
    }
  }

  private String refusal(Bundle candidate, Optional<Bundle> serving, RetrievalReport scores, Difference gain) {
    if (candidate.isUntrained()) {
      return "The candidate " + candidate.version() + " is untrained.";
    }
    if (serving.isEmpty() || serving.get().isUntrained()) {
      return null;
    }
    if (serving.get().version().equals(candidate.version())) {
      return "The candidate is the serving model, " + candidate.version() + ".";
    }
    if (gain.mean() < margin || gain.mean() == 0) {
      return text("Not better than %s: AR@10 %s, where at least +%.4f is asked for.", serving.get().version(), shown(gain), margin);
    }
    if (gain.mean() < STANDARD_ERRORS * gain.standardError()) {
      return text("Not surely better than %s: AR@10 %s, within %.0f standard errors; more held-back photos would tell.",
          serving.get().version(), shown(gain), STANDARD_ERRORS);
    }
    // Last, as where hardly anything is told apart the two differ by roundings, and that is not what such a candidate lacks.
    double shortfall = scores.mean().ar10() - scores.aggregated().ar10();
    if (shortfall > TIE) {
      return text(
          "The candidate's aggregated embeddings are worse than the mean of its encoder's image embeddings: AR@10 %.4f against %.4f.",
          scores.aggregated().ar10(), scores.mean().ar10());
    }
    return null;
  }

  private static String praise(Optional<Bundle> serving, Difference gain) {
    if (serving.isEmpty()) {
      return "There is no serving model.";
    }
    return serving.get().isUntrained()
        ? text("The serving model, %s, is untrained (AR@10 %s).", serving.get().version(), shown(gain))
        : text("Better than %s: AR@10 %s.", serving.get().version(), shown(gain));
  }

  private static String tooFew(long found) {
    return "Too few held-back objects: expected at least " + LEAST_OBJECTS + " with two usable photos each, found " + found
        + ". Hold back a larger share, or wait for more objects.";
  }

  private static String shown(Difference gain) {
    return text("%+.4f ± %.4f", gain.mean(), gain.standardError());
  }

  private static String text(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
