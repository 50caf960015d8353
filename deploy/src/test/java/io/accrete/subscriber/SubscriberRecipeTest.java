package io.accrete.subscriber;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README.md shows of a subscriber is Java that compiles. */
class SubscriberRecipeTest {
  @TempDir private Path dir;

  @Test
  void shouldCompile() throws Exception {
    Matcher recipe = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(Path.of("../README.md")));
    assertThat(recipe.find()).isTrue();
    Path source = Files.writeString(dir.resolve("Recipe.java"), """
        import io.accrete.config.AccreteConfig;
        import io.accrete.events.ObjectEmbedding;
        import io.accrete.subscriber.*;
        import java.util.*;

        class Recipe {
          void run(AccreteConfig config, Map<String, List<Float>> vectors) {
        """ + recipe.group(1) + "}}");
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int status = ToolProvider.getSystemJavaCompiler().run(null, errors, errors, "-cp", System.getProperty("java.class.path"),
        "-d", dir.toString(), source.toString());
    assertThat(status).as(errors.toString(StandardCharsets.UTF_8)).isZero();
  }
}
