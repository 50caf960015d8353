package io.accrete.trainer.buffer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of all changes, a line of JSON each. A process that is killed leaves at most its last line incomplete; such a line never
 * happened. Not for several threads.
 */
final class Journal implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Journal.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Path beside;
  private FileOutputStream out; // not a channel: those close when a thread that uses them is interrupted
  private long lines;

  private Journal(Path file) {
    this.file = file;
    this.beside = file.resolveSibling(file.getFileName() + ".new");
  }

  /** Opens the journal and hands over its changes in order; what follows a line that cannot be read is cut off. */
  static Journal open(Path file, Consumer<Change> changes) throws IOException {
    Journal journal = new Journal(file);
    Files.deleteIfExists(journal.beside);
    if (Files.exists(file)) {
      journal.replay(changes);
    }
    journal.out = new FileOutputStream(file.toFile(), true);
    return journal;
  }

  private void replay(Consumer<Change> changes) throws IOException {
    long good = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      for (byte[] line = line(in); line != null; line = line(in)) {
        changes.accept(JSON.readValue(line, Change.class));
        good += line.length + 1;
        lines++;
      }
    } catch (JsonProcessingException e) {
      log.warn("The journal {} is damaged after line {}. What follows is dropped, and read again as far as the topic still has it.", file,
          lines);
    }
    if (good < Files.size(file)) {
      try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
        cut.setLength(good);
      }
    }
  }

  /** The next line without its end; null if none is complete. */
  private static byte[] line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next == '\n') {
        return line.toByteArray();
      }
      line.write(next);
    }
    return null;
  }

  long lines() {
    return lines;
  }

  /** After an exception the line may be there, in part or not at all: open the journal again. */
  void append(Change change) throws IOException {
    out.write(bytes(change));
    lines++;
  }

  /** Puts these changes in the place of all. */
  void replace(List<Change> changes) throws IOException {
    try (FileOutputStream shorter = new FileOutputStream(beside.toFile())) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (Change change : changes) {
        all.write(bytes(change));
      }
      all.writeTo(shorter);
      shorter.getFD().sync();
    }
    out.close(); // some systems do not replace a file that is open
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    out = new FileOutputStream(file.toFile(), true);
    lines = changes.size();
  }

  private static byte[] bytes(Change change) throws JsonProcessingException {
    return (JSON.writeValueAsString(change) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    try (FileOutputStream closing = out) {
      closing.getFD().sync();
    }
  }
}
