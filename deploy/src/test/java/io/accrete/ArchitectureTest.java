package io.accrete;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.query.StateQueryRequest;

/** The arrows of ARCHITECTURE.md. */
@AnalyzeClasses(packages = "io.accrete", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String[] SCHEMAS = {
    "io.accrete.config..", "io.accrete.events..", "io.accrete.state..", "io.accrete.topics..", "io.accrete.registry..",
    "io.accrete.s3..", "io.accrete.serde..", "io.accrete.content..", "io.accrete.subscriber.."};
  private static final String[] MODELS = {
    "io.accrete.tensor..", "io.accrete.onnx..", "io.accrete.model..", "io.accrete.checkpoint..", "io.accrete.bundle..",
    "io.accrete.runtime..", "io.accrete.image..", "io.accrete.retrieval..", "io.accrete.vectors.."};
  private static final String[] STREAMS = {"io.accrete.streams.."};
  private static final String[] TRAINER = {"io.accrete.trainer.."};
  private static final String[] DEPLOY = {
    "io.accrete.local..", "io.accrete.catalogue..", "io.accrete.bench..", "io.accrete.sink..", "io.accrete.cli.."};

  @ArchTest
  static final ArchRule everyPackageIsOneOfThese = classes().should().resideInAnyPackage(all(SCHEMAS, MODELS, STREAMS, TRAINER, DEPLOY));

  @ArchTest
  static final ArchRule packagesHaveNoCycles = slices().matching("io.accrete.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule schemasDependOnNothingOfOurs = noClasses().that().resideInAnyPackage(SCHEMAS)
      .should().dependOnClassesThat().resideInAnyPackage(all(MODELS, STREAMS, TRAINER, DEPLOY));

  @ArchTest
  static final ArchRule modelsDependOnNothingOfOurs = noClasses().that().resideInAnyPackage(MODELS)
      .should().dependOnClassesThat().resideInAnyPackage(all(SCHEMAS, STREAMS, TRAINER, DEPLOY));

  @ArchTest
  static final ArchRule streamsNeverLoadsLibtorch = noClasses().that().resideInAnyPackage(STREAMS)
      .should().dependOnClassesThat().resideInAnyPackage(all(TRAINER, DEPLOY, new String[] {"org.bytedeco.pytorch.."}));

  @ArchTest
  static final ArchRule trainerNeverLoadsKafkaStreams = noClasses().that().resideInAnyPackage(TRAINER)
      .should().dependOnClassesThat().resideInAnyPackage(all(STREAMS, DEPLOY, new String[] {"org.apache.kafka.streams.."}))
      .allowEmptyShould(true); // the package does not exist before the first trainer does

  @ArchTest
  static final ArchRule storesAreNotReadByStateQueries = noClasses()
      .should().callMethod(KafkaStreams.class, "query", StateQueryRequest.class)
      .because("with Kafka 4.3.1 such a query and a write can wait for each other for good");

  @ArchTest
  static void shouldDescribeEveryPackage(JavaClasses classes) throws IOException {
    String architecture = Files.readString(Path.of("../ARCHITECTURE.md"));
    assertThat(classes.stream().filter(type -> !type.getSimpleName().equals("package-info")).map(JavaClass::getPackageName)
        .filter(name -> !name.endsWith(".jmh_generated")).distinct())
        .contains("io.accrete.trainer.loop").allSatisfy(name -> assertThat(architecture).contains("`" + name + "`"));
  }

  private static String[] all(String[]... groups) {
    return Arrays.stream(groups).flatMap(Arrays::stream).toArray(String[]::new);
  }
}
