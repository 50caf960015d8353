package io.accrete.trainer.gate;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.accrete.bundle.Bundle;
import io.accrete.retrieval.Difference;
import io.accrete.retrieval.RetrievalReport;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What the gate found. Jackson writes it as it is; what is null is left out.
 *
 * @param passed whether the candidate may be published
 * @param reason why, in a sentence for people
 * @param candidate version of the candidate
 * @param serving version of the serving model; null if there is none
 * @param margin least gain asked for
 * @param gain AR@10 of the candidate's aggregated embeddings less that of the serving model's; null if there is none to compare
 * @param candidateScores null if there were too few objects to tell
 * @param servingScores null if there is no serving model, or were too few objects
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Decision(
    boolean passed, String reason, String candidate, String serving, double margin, Difference gain, RetrievalReport candidateScores,
    RetrievalReport servingScores) {
  Decision(boolean passed, String reason, Bundle candidate, Optional<Bundle> serving, double margin, Difference gain,
      RetrievalReport candidateScores, RetrievalReport servingScores) {
    this(passed, reason, candidate.version(), serving.map(Bundle::version).orElse(null), margin, gain, candidateScores, servingScores);
  }

  /** The candidate's scores by name, as manifests and {@code model-versions} have them; empty if there are none. */
  public SortedMap<String, Double> metrics() {
    return candidateScores == null ? Collections.emptySortedMap() : candidateScores.metrics();
  }
}
