package io.accrete;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The files for operators fit the program that they operate. */
class OperationsTest {
  private static final Path CHART = Path.of("helm/accrete");
  private static final Path DOCKERFILE = Path.of("containers/Dockerfile");

  @Test
  void shouldConfigureOnlyKeysThatExistInTheChart() throws IOException {
    JsonNode config = new YAMLMapper().readTree(CHART.resolve("values.yaml").toFile()).get("config");
    Map<String, String> values = new HashMap<>();
    config.properties().forEach(entry -> values.put(entry.getKey(), entry.getValue().asText()));

    assertThat(AccreteConfig.of(values).getList(ConfigKeys.BOOTSTRAP_SERVERS)).containsExactly("kafka:9092");
  }

  @Test
  void shouldSetOnlyEnvironmentVariablesThatAreRead() throws IOException {
    List<String> names = ConfigKeys.DEFINITION.names().stream().map(AccreteConfig::environmentName).toList();
    List<String> used = new ArrayList<>();
    for (Path file : List.of(DOCKERFILE, CHART.resolve("values.yaml"), CHART.resolve("templates/statefulset.yaml"))) {
      Matcher matcher = Pattern.compile("ACCRETE_[A-Z0-9_]*[A-Z0-9]").matcher(Files.readString(file));
      while (matcher.find()) {
        used.add(matcher.group());
      }
    }
    used.removeIf(name -> name.startsWith("ACCRETE_KAFKA_"));

    assertThat(used).isNotEmpty().isSubsetOf(names);
  }

  @Test
  void shouldSetEveryValueThatTheTemplatesUse() throws IOException {
    JsonNode values = new YAMLMapper().readTree(CHART.resolve("values.yaml").toFile());
    List<String> used = new ArrayList<>();
    try (var templates = Files.list(CHART.resolve("templates"))) {
      for (Path template : templates.toList()) {
        Matcher matcher = Pattern.compile("\\.Values((?:\\.[A-Za-z]+)+)").matcher(Files.readString(template));
        while (matcher.find()) {
          used.add(matcher.group(1).replace('.', '/'));
        }
      }
    }

    assertThat(used).hasSizeGreaterThan(10).allSatisfy(path -> assertThat(values.at(path).isMissingNode()).as(path).isFalse());
  }

  @Test
  void shouldAskForTheSecretWithTheTokensThatListeningOnAllAddressesNeeds() throws IOException {
    String pods = Files.readString(CHART.resolve("templates/statefulset.yaml"));

    assertThat(pods).contains("value: \"0.0.0.0\"").containsPattern("secretRef:\\s+name: \\{\\{ required .*ACCRETE_HTTP_TOKENS_READ or "
        + "ACCRETE_HTTP_TOKENS_WRITE.* \\.Values\\.existingSecret }}");
  }

  @Test
  void shouldKeepChartAndProgramAtOneVersion() throws IOException {
    JsonNode chart = new YAMLMapper().readTree(CHART.resolve("Chart.yaml").toFile());

    assertThat(Files.readString(Path.of("pom.xml"))).contains("<version>" + chart.get("appVersion").asText());
  }

  @Test
  void shouldShowEveryPanelOnceWithWhatItAsks() throws IOException {
    JsonNode dashboard = new ObjectMapper().readTree(Path.of("dashboards/accrete.json").toFile());
    List<Integer> ids = new ArrayList<>();
    for (JsonNode panel : dashboard.get("panels")) {
      ids.add(panel.get("id").intValue());
      assertThat(panel.get("title").textValue()).isNotBlank();
      assertThat(panel.get("targets")).isNotEmpty().allSatisfy(target ->
          assertThat(target.get("expr").textValue()).containsPattern("\\b(accrete|kafka|jvm|process)_[a-z_]+").contains("$instance"));
    }

    assertThat(ids).isNotEmpty().doesNotHaveDuplicates();
  }
}
