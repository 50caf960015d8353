package io.accrete.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import io.accrete.state.SweepState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every schema promises: to be documented, and to read whatever a released version of it wrote. */
class SchemasTest {
  private static final Path RELEASED = Path.of("src/test/resources/released");

  /** The record of every topic and store. */
  static List<Schema> schemas() {
    return List.of(ImageEvent.getClassSchema(), ObjectEmbedding.getClassSchema(), ModelVersion.getClassSchema(),
        RolloutEvent.getClassSchema(), RolloutReport.getClassSchema(), RolloutCommand.getClassSchema(), ImageSet.getClassSchema(),
        TrainingProgress.getClassSchema(),
        ObjectState.getClassSchema(), LedgerEntry.getClassSchema(), SweepState.getClassSchema());
  }

  static List<Path> released() throws IOException {
    try (Stream<Path> files = Files.list(RELEASED)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void shouldDocumentEverything(Schema schema) {
    assertThat(undocumented(schema, new HashSet<>()).toList()).isEmpty();
  }

  /** BACKWARD_TRANSITIVE: consumers and state stores keep up with every record ever written. */
  @ParameterizedTest
  @MethodSource("released")
  void shouldReadWhatWasReleased(Path file) {
    Schema old = parse(file);
    Schema current = schemas().stream().filter(schema -> schema.getFullName().equals(old.getFullName())).findFirst().orElseThrow();
    assertThat(SchemaCompatibility.checkReaderWriterCompatibility(current, old))
        .satisfies(result -> assertThat(result.getType()).as(result.getDescription()).isEqualTo(SchemaCompatibilityType.COMPATIBLE));
  }

  @Test
  void shouldHaveASnapshotOfEverySchema() throws IOException {
    Set<String> known = released().stream().map(file -> parse(file).getFullName()).collect(Collectors.toSet());
    assertThat(known).containsExactlyInAnyOrderElementsOf(schemas().stream().map(Schema::getFullName).toList());
  }

  private static Stream<String> undocumented(Schema schema, Set<String> seen) {
    return switch (schema.getType()) {
      case RECORD -> seen.add(schema.getFullName()) ? Stream.concat(named(schema), undocumentedFields(schema, seen)) : Stream.of();
      case ENUM, FIXED -> named(schema);
      case ARRAY -> undocumented(schema.getElementType(), seen);
      case MAP -> undocumented(schema.getValueType(), seen);
      case UNION -> schema.getTypes().stream().flatMap(type -> undocumented(type, seen));
      default -> Stream.of();
    };
  }

  private static Stream<String> undocumentedFields(Schema record, Set<String> seen) {
    return record.getFields().stream().flatMap(field -> Stream.concat(
        blank(field.doc()) ? Stream.of(record.getName() + "." + field.name()) : Stream.of(),
        undocumented(field.schema(), seen)));
  }

  private static Stream<String> named(Schema schema) {
    return blank(schema.getDoc()) ? Stream.of(schema.getName()) : Stream.of();
  }

  private static boolean blank(String doc) {
    return doc == null || doc.isBlank();
  }

  private static Schema parse(Path file) {
    try {
      return new Schema.Parser().parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
