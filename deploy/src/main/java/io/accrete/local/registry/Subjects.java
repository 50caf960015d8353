package io.accrete.local.registry;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.avro.Schema;

/** All subjects, their versions and compatibility levels. Every change is in the log before it is seen. */
final class Subjects {
  private final SchemaLog log;
  private final TreeMap<String, TreeMap<Integer, SchemaVersion>> subjects = new TreeMap<>();
  private final TreeMap<Integer, String> schemas = new TreeMap<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<String, CompatibilityLevel> levels = new HashMap<>(); // null: the level of all others

  Subjects(SchemaLog log) {
    this.log = log;
    log.replay((key, value) -> {
      switch (key.keytype()) {
        case SCHEMA -> apply(log.read(value, SchemaVersion.class));
        case CONFIG -> applyLevel(key.subject(), value == null ? null : log.read(value, CompatibilityLevel.class));
      }
    });
  }

  synchronized int register(String subject, Schema schema) {
    String canonical = schema.toString();
    Optional<SchemaVersion> known = versions(subject, live()).stream().filter(v -> v.schema().equals(canonical)).findFirst();
    if (known.isPresent()) {
      return known.get().id();
    }
    level(subject).violation(schema, newestFirst(subject)).ifPresent(reason -> {
      throw RegistryError.incompatible(subject, reason);
    });
    int id = ids.getOrDefault(canonical, schemas.isEmpty() ? 1 : schemas.lastKey() + 1);
    int version = subjects.containsKey(subject) ? subjects.get(subject).lastKey() + 1 : 1;
    store(new SchemaVersion(subject, version, id, canonical, false, false));
    return id;
  }

  synchronized SchemaVersion lookup(String subject, Schema schema, boolean deletedToo) {
    String canonical = schema.toString();
    return existing(subject, deletedToo).stream().filter(v -> v.schema().equals(canonical)).reduce((older, newer) -> newer)
        .orElseThrow(RegistryError::schemaNotFound);
  }

  synchronized String schema(int id) {
    return Optional.ofNullable(schemas.get(id)).orElseThrow(RegistryError::schemaNotFound);
  }

  /** The versions under which an id is known. */
  synchronized List<SchemaVersion> usesOf(int id) {
    schema(id);
    return subjects.keySet().stream().flatMap(subject -> versions(subject, live()).stream()).filter(v -> v.id() == id).toList();
  }

  synchronized List<String> names(boolean deletedToo) {
    return subjects.keySet().stream().filter(subject -> !versions(subject, visible(deletedToo)).isEmpty()).toList();
  }

  /** The versions of a subject in ascending order, at least one. */
  synchronized List<SchemaVersion> existing(String subject, boolean deletedToo) {
    List<SchemaVersion> found = versions(subject, visible(deletedToo));
    if (found.isEmpty()) {
      throw RegistryError.subjectNotFound(subject);
    }
    return found;
  }

  /** One version by number, or the newest by {@code latest} or {@code -1}. */
  synchronized SchemaVersion version(String subject, String version, boolean deletedToo) {
    List<SchemaVersion> found = existing(subject, deletedToo);
    if (version.equals("latest") || version.equals("-1")) {
      return found.get(found.size() - 1);
    }
    int number = number(version);
    return found.stream().filter(v -> v.version() == number).findFirst().orElseThrow(() -> RegistryError.versionNotFound(number));
  }

  synchronized List<Integer> deleteSubject(String subject, boolean forGood) {
    if (forGood && !versions(subject, live()).isEmpty()) {
      throw RegistryError.notSoftDeleted(subject);
    }
    List<SchemaVersion> found = existing(subject, forGood);
    found.forEach(version -> store(version.asDeleted(forGood)));
    return found.stream().map(SchemaVersion::version).toList();
  }

  synchronized int deleteVersion(String subject, String version, boolean forGood) {
    SchemaVersion found = version(subject, version, forGood);
    if (forGood && !found.deleted()) {
      throw RegistryError.notSoftDeleted(subject);
    }
    store(found.asDeleted(forGood));
    return found.version();
  }

  /** Why a schema may not follow the given version ({@code null}: all that its level asks for); empty if it may. */
  synchronized Optional<String> violation(String subject, String version, Schema schema) {
    List<Schema> earlier = version == null ? newestFirst(subject) : List.of(version(subject, version, false).parsed());
    return level(subject).violation(schema, earlier);
  }

  /** The level that holds for a subject. */
  synchronized CompatibilityLevel level(String subject) {
    return Optional.ofNullable(levels.get(subject)).orElse(levels.getOrDefault(null, CompatibilityLevel.BACKWARD));
  }

  synchronized boolean hasOwnLevel(String subject) {
    return levels.containsKey(subject);
  }

  synchronized void setLevel(String subject, CompatibilityLevel level) {
    log.append(SchemaKey.level(subject), level);
    applyLevel(subject, level);
  }

  private void store(SchemaVersion version) {
    log.append(SchemaKey.of(version), version);
    apply(version);
  }

  private void apply(SchemaVersion version) {
    subjects.computeIfAbsent(version.subject(), name -> new TreeMap<>()).put(version.version(), version);
    schemas.put(version.id(), version.schema());
    ids.put(version.schema(), version.id());
  }

  private void applyLevel(String subject, CompatibilityLevel level) {
    if (level == null) {
      levels.remove(subject);
    } else {
      levels.put(subject, level);
    }
  }

  private List<Schema> newestFirst(String subject) {
    List<Schema> found = new ArrayList<>(versions(subject, live()).stream().map(SchemaVersion::parsed).toList());
    Collections.reverse(found);
    return found;
  }

  private List<SchemaVersion> versions(String subject, Predicate<SchemaVersion> which) {
    return subjects.getOrDefault(subject, new TreeMap<>()).values().stream().filter(which).toList();
  }

  private static Predicate<SchemaVersion> live() {
    return visible(false);
  }

  private static Predicate<SchemaVersion> visible(boolean deletedToo) {
    return version -> deletedToo ? !version.purged() : !version.deleted();
  }

  private static int number(String version) {
    try {
      int number = Integer.parseInt(version);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // the same answer as for a number out of range
    }
    throw RegistryError.invalidVersion(version);
  }
}
