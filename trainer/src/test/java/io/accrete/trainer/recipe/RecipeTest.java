package io.accrete.trainer.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecipeTest {
  private static final String STAGES = "stages: [{objective: mile, loop: {steps: 10}}]\n";

  static List<Path> shouldReadWhatComesAlong() throws IOException {
    try (Stream<Path> recipes = Files.list(Path.of("recipes"))) {
      return recipes.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource
  void shouldReadWhatComesAlong(Path file) throws IOException {
    Recipe recipe = Recipe.read(file);

    assertThat(Recipe.parse(recipe.yaml(), "written")).isEqualTo(recipe);
    assertThat(Recipe.parse(recipe.yaml(), "written").yaml()).isEqualTo(recipe.yaml());
  }

  @Test
  void shouldKeepEverySettingWhenWritten() {
    Recipe recipe = Recipe.parse("""
        name: all
        description: "Everything: said."
        seed: 7
        held-back: 0.25
        photo-side: 64
        encoder: {image-size: 32, resize: 40, stem: [16, 32], stem-blocks: 2, dimension: 48, depth: 2, heads: 3}
        aggregator: {kind: mile, mode: registers, heads: 2, cls-key: false, explicit-residual: true}
        stages:
          - {objective: distill, batch: 8, image-size: 16, similarity: 0.5, loop: {steps: 5, precision: bfloat16, clip-each: 3}}
          - {objective: mile-contrastive, encoder: lora, foreign: 0.1, anchor: 0.2, loop: {steps: 6, accumulate: 2}}
          - {objective: mile, encoder: full, locals: 2, local-images: 1, classes: 32, centring: false, loop: {steps: 7, warmup: 0}}
        """, "here");

    assertThat(Recipe.parse(recipe.yaml(), "written")).isEqualTo(recipe);
    assertThat(recipe.stages()).extracting(Stage::name).containsExactly("distill", "mile-contrastive", "mile");
  }

  static List<List<String>> shouldSayInALineWhatIsWrong() {
    return List.of(
        List.of("name: a\nhold-back: 0.3\n" + STAGES,
            "The recipe a.yaml has an unknown key 'hold-back'. Known here: [aggregator, description, encoder, held-back, "
            + "name, photo-side, seed, stages]."),
        List.of("name: a\nstages: [{objective: mile, batches: 3, loop: {steps: 10}}]",
            "The recipe a.yaml has an unknown key 'stages[0].batches'. Known here: [batch, bottleneck, centring, classes, encoder, hidden, "
            + "image-size, images, local-images, local-size, locals, loop, photos-per-object, sharpening, views]."),
        List.of(STAGES,
            "The recipe a.yaml cannot be used: 'name' is missing."),
        List.of("name: a",
            "The recipe a.yaml cannot be used: A recipe needs 'stages', at least one."),
        List.of("name: a\nstages: [{objective: mile, loop: {steps: 10}}, {objective: distill}]",
            "The recipe a.yaml cannot be used, at 'stages[1]': 'loop' is missing."),
        List.of("name: a\nstages: [{objective: mile, loop: {warmup: 3}}]",
            "The recipe a.yaml cannot be used, at 'stages[0].loop': 'loop.steps' is missing."),
        List.of("name: a\nstages: [{loop: {steps: 10}}]",
            "The recipe a.yaml cannot be used, at 'stages[0]': 'objective' is missing."),
        List.of("name: a\nstages: [{objective: dino, loop: {steps: 10}}]",
            "The recipe a.yaml cannot be used, at 'stages[0]': There is no objective 'dino'. Known: [distill, mile-contrastive, mile]."),
        List.of("name: a\nheld-back: 1\n" + STAGES,
            "The recipe a.yaml cannot be used: 'held-back' is the share of objects that never train, from 0 to below 1; found 1.0."),
        List.of("name: a\nencoder: {image-size: 32, patch: 8, stem: [16], dimension: 32, depth: 1}\n" + STAGES,
            "The recipe a.yaml cannot be used, at 'encoder': An encoder has either a 'patch' or a convolutional 'stem'; found both."),
        List.of("name: a\nencoder: {image-size: 32, dimension: 32, depth: 1}\n" + STAGES,
            "The recipe a.yaml cannot be used, at 'encoder': An encoder has either a 'patch' or a convolutional 'stem'; found neither."),
        List.of("name: a\naggregator: {kind: median}\n" + STAGES,
            "The recipe a.yaml cannot be used, at 'aggregator.kind': Expected one of [mean, mile, consensus]; found 'median'."),
        List.of("name: a\naggregator: {kind: consensus}\nstages: [{objective: mile, loop: {steps: 10}}]",
            "The recipe a.yaml cannot be used: The objective 'mile' looks at the first state token alone and cannot train the aggregator "
            + "'consensus'; use 'mile-contrastive', or the aggregator 'mile'."),
        List.of("name: a\nstages: [{objective: mile, loop: {steps: many}}]",
            "The recipe a.yaml cannot be used, at 'stages[0].loop.steps': Expected a number; found 'many'."),
        List.of("name: a\nstages: [{objective: mile, loop: {steps: 10]",
            "The recipe a.yaml is no YAML, at line 2: while parsing a flow mapping, expected ',' or '}', but got ]."),
        List.of("name: a\n  seed: 3\n" + STAGES,
            "The recipe a.yaml is no YAML, at line 2: mapping values are not allowed here."),
        List.of("just a word",
            "The recipe a.yaml cannot be used: Expected keys and values."),
        List.of("",
            "The recipe a.yaml cannot be used: Expected keys and values."));
  }

  @ParameterizedTest
  @MethodSource
  void shouldSayInALineWhatIsWrong(List<String> recipeAndMessage) {
    assertThatThrownBy(() -> Recipe.parse(recipeAndMessage.get(0), "a.yaml")).isInstanceOf(RecipeException.class)
        .hasMessage(recipeAndMessage.get(1));
  }

  @Test
  void shouldSayWhereThereIsNoRecipe() {
    assertThatThrownBy(() -> Recipe.read(Path.of("none.yaml"))).isInstanceOf(RecipeException.class)
        .hasMessage("No recipe at " + Path.of("none.yaml").toAbsolutePath() + ".");
  }
}
