package io.accrete.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The bundle used when none is named: the one that ships with the program, in the folder {@code models/default} of the class path, or
 * {@link UntrainedBundle} where none does.
 */
public final class DefaultBundle {
  private static final String SHIPPED = "models/default/";

  private DefaultBundle() {}

  /** Writes it; the same version on every machine. A bundle at the target is replaced unless it is this one. */
  public static Bundle write(Path target) {
    return write(target, DefaultBundle.class.getClassLoader());
  }

  static Bundle write(Path target, ClassLoader resources) {
    if (resources.getResource(SHIPPED + Bundle.MANIFEST) == null) {
      return UntrainedBundle.write(target);
    }
    byte[] manifest = bytes(resources, Bundle.MANIFEST);
    if (Files.exists(target.resolve(Bundle.MANIFEST)) && Sha256.of(target.resolve(Bundle.MANIFEST)).equals(Sha256.of(manifest))) {
      return Bundle.read(target);
    }
    return BundleWriter.write(fresh -> {
      for (String name : Json.parse(manifest, SHIPPED + Bundle.MANIFEST, Manifest.class).files().keySet()) {
        Path file = fresh.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes(resources, name));
      }
      Files.write(fresh.resolve(Bundle.MANIFEST), manifest);
      Bundle.read(fresh);
    }, target, true);
  }

  private static byte[] bytes(ClassLoader resources, String name) {
    try (InputStream in = resources.getResourceAsStream(SHIPPED + name)) {
      if (in == null) {
        throw new BundleException("The bundle that ships with the program lacks " + name + ". Build the program again, or name a bundle.");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new BundleException("Cannot read " + name + " of the bundle that ships with the program: " + e.getMessage(), e);
    }
  }
}
