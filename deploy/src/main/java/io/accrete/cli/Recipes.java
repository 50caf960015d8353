package io.accrete.cli;

import io.accrete.trainer.recipe.Recipe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Recipes by the names under which they come along, or by their files. */
final class Recipes {
  private Recipes() {}

  static Recipe named(String nameOrFile) throws IOException {
    if (nameOrFile.matches("[a-z-]+")) {
      try (InputStream own = Recipe.class.getResourceAsStream("/recipes/" + nameOrFile + ".yaml")) {
        if (own != null) {
          return Recipe.parse(new String(own.readAllBytes(), StandardCharsets.UTF_8), nameOrFile);
        }
      }
    }
    return Recipe.read(Path.of(nameOrFile));
  }
}
