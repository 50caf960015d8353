package io.accrete.trainer.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.JacksonYAMLParseException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A training run: a model, and the stages that train it one after the other.
 *
 * @param name of the model; its versions begin with it
 * @param description for the model card
 * @param seed of everything random
 * @param heldBack share of the objects that never train, chosen by hash
 * @param photoSide most pixels of a photo's shorter edge in memory
 * @param encoder a new encoder; none: the encoder of the model that the run starts from
 * @param aggregator the aggregator; none: that of the model that the run starts from
 * @param stages at least one
 */
public record Recipe(
    String name, String description, Long seed, Double heldBack, Integer photoSide, EncoderRecipe encoder, AggregatorRecipe aggregator,
    List<Stage> stages) {
  private static final ObjectMapper YAML = YAMLMapper.builder(new YAMLFactory())
      .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
      .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
      .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  public Recipe {
    name = require("name", name);
    description = description == null ? "" : description;
    seed = seed == null ? 1L : seed;
    heldBack = heldBack == null ? 0.33 : heldBack;
    photoSide = photoSide == null ? 128 : photoSide;
    stages = stages == null ? List.of() : List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new RecipeException("A recipe needs 'stages', at least one.");
    }
    if (aggregator != null && aggregator.kind() == AggregatorRecipe.Kind.CONSENSUS
        && stages.stream().anyMatch(MileStage.class::isInstance)) {
      throw new RecipeException("The objective 'mile' looks at the first state token alone and cannot train the aggregator 'consensus'; "
          + "use 'mile-contrastive', or the aggregator 'mile'.");
    }
    if (!(heldBack >= 0 && heldBack < 1)) {
      throw new RecipeException("'held-back' is the share of objects that never train, from 0 to below 1; found " + heldBack + ".");
    }
  }

  /**
   * Reads a recipe.
   *
   * @throws RecipeException if it cannot be used, with a message for people
   */
  public static Recipe read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new RecipeException("No recipe at " + file.toAbsolutePath() + ".");
    }
    return parse(Files.readString(file), file.toString());
  }

  /** Reads a recipe from text; {@code where} it came from is for messages. */
  public static Recipe parse(String yaml, String where) {
    try {
      return YAML.readValue(yaml, Recipe.class);
    } catch (UnrecognizedPropertyException e) {
      throw new RecipeException("The recipe " + where + " has an unknown key '" + path(e) + "'. Known here: "
          + e.getKnownPropertyIds().stream().map(Object::toString).sorted().toList() + ".");
    } catch (JsonMappingException e) {
      if (e.getCause() instanceof JacksonYAMLParseException broken) {
        throw noYaml(where, broken);
      }
      throw new RecipeException("The recipe " + where + " cannot be used"
          + (e.getPath().isEmpty() ? "" : ", at '" + path(e) + "'") + ": " + cause(e));
    } catch (JsonProcessingException e) {
      throw noYaml(where, e);
    }
  }

  /** The parser quotes the place over several lines, all of which begin with a space; its number says the same. */
  private static RecipeException noYaml(String where, JsonProcessingException e) {
    String problem = e.getOriginalMessage().lines().filter(line -> !line.startsWith(" ")).collect(Collectors.joining(", "));
    return new RecipeException("The recipe " + where + " is no YAML"
        + (e.getLocation() == null ? "" : ", at line " + e.getLocation().getLineNr()) + ": " + problem + ".");
  }

  /** The recipe as YAML, with all its defaults. */
  public String yaml() {
    try {
      return YAML.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static <T> T require(String key, T value) {
    if (value == null) {
      throw new RecipeException("'" + key + "' is missing.");
    }
    return value;
  }

  static void positive(String key, long value) {
    atLeast(key, value, 1);
  }

  static void atLeast(String key, long value, long least) {
    if (value < least) {
      throw new RecipeException("'" + key + "' must be at least " + least + "; found " + value + ".");
    }
  }

  private static String cause(JsonMappingException e) {
    if (e.getCause() instanceof RecipeException own) {
      return own.getMessage();
    }
    if (e instanceof InvalidTypeIdException objective) {
      return objective.getTypeId() == null ? "'objective' is missing."
          : "There is no objective '" + objective.getTypeId() + "'. Known: " + Stage.NAMES + ".";
    }
    if (e instanceof MismatchedInputException other) {
      String found = e instanceof InvalidFormatException format ? "; found '" + format.getValue() + "'" : "";
      return "Expected " + kind(other.getTargetType()) + found + ".";
    }
    return e.getOriginalMessage();
  }

  private static String kind(Class<?> type) {
    if (type.isEnum()) {
      return "one of " + YAML.convertValue(type.getEnumConstants(), List.class).toString().toLowerCase(Locale.ROOT);
    }
    return Number.class.isAssignableFrom(type) ? "a number" : type == Boolean.class ? "true or false"
        : List.class.isAssignableFrom(type) ? "a list" : type == String.class ? "a text" : "keys and values";
  }

  private static String path(JsonMappingException e) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference each : e.getPath()) {
      path.append(each.getFieldName() == null ? "[" + each.getIndex() + "]" : (path.isEmpty() ? "" : ".") + each.getFieldName());
    }
    return path.toString();
  }
}
