package io.accrete.trainer.recipe;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** One stage of a run: an objective and its settings. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "objective")
@JsonSubTypes({
  @JsonSubTypes.Type(value = DistillStage.class, name = DistillStage.NAME),
  @JsonSubTypes.Type(value = ContrastiveStage.class, name = ContrastiveStage.NAME),
  @JsonSubTypes.Type(value = MileStage.class, name = MileStage.NAME),
})
public sealed interface Stage permits DistillStage, ContrastiveStage, MileStage {
  /** Names of all objectives. */
  List<String> NAMES = List.of(DistillStage.NAME, ContrastiveStage.NAME, MileStage.NAME);

  /** Name of the objective. */
  @JsonIgnore
  String name();

  /** Whether it changes the encoder, and not the aggregator alone. */
  boolean changesEncoder();

  /** How long and how fast it learns. */
  LoopRecipe loop();
}
