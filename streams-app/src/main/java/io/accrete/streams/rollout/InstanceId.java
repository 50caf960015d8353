package io.accrete.streams.rollout;

import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.regex.Pattern;

/** The name of an instance: made at its first start and kept in its state directory, so that it is the same after a restart. */
public final class InstanceId {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{12}");

  private InstanceId() {}

  /**
   * The id of the instance with this state directory: 12 hexadecimal digits.
   *
   * @throws UncheckedIOException if it can neither be read nor written; the message is for people
   */
  public static String of(AccreteConfig config) {
    Path file = config.stateDirectory().resolve("instance-id").toAbsolutePath();
    try {
      String kept = Files.exists(file) ? Files.readString(file).strip() : "";
      return FORM.matcher(kept).matches() ? kept : write(file);
    } catch (IOException e) {
      throw new UncheckedIOException("The id of this instance cannot be kept in " + file + " (" + e.getMessage()
          + "). Make the directory writable, or set another state.dir.", e);
    }
  }

  private static String write(Path file) throws IOException {
    String id = UUID.randomUUID().toString().replace("-", "").substring(0, 12);
    Files.createDirectories(file.getParent());
    Path fresh = file.resolveSibling("." + file.getFileName() + "-" + id);
    Files.writeString(fresh, id + "\n");
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    return id;
  }
}
