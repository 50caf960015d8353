package io.accrete.cli;

import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** Events of every kind, few enough objects and images that they meet. */
final class RandomEvents {
  static final int OBJECTS = 12;
  private static final int IMAGES = 8;
  private static final int CONTENTS = 3;

  private final Random random;
  private final List<ByteBuffer> contents;

  RandomEvents(long seed) {
    random = new Random(seed);
    contents = IntStream.range(0, IMAGES * CONTENTS).mapToObj(any -> image()).toList();
  }

  static String objectId(int number) {
    return "object " + number;
  }

  String object() {
    return objectId(random.nextInt(OBJECTS));
  }

  /** Null deletes the object. */
  ImageEvent event() {
    int image = random.nextInt(IMAGES);
    int kind = random.nextInt(100);
    if (kind < 2) {
      return null;
    }
    if (kind < 17) {
      return event(image, Operation.REMOVE, null);
    }
    return event(image, Operation.ADD, kind < 22 ? ByteBuffer.wrap("no image".getBytes(StandardCharsets.UTF_8))
        : contents.get(image * CONTENTS + random.nextInt(CONTENTS)));
  }

  private static ImageEvent event(int image, Operation operation, ByteBuffer content) {
    return new ImageEvent("image " + image, operation, content, null, null, Map.of());
  }

  /** A PNG that no other call gives. */
  ByteBuffer image() {
    BufferedImage image = new BufferedImage(Runs.SIDE, Runs.SIDE, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, Runs.SIDE, Runs.SIDE, random.ints((long) Runs.SIDE * Runs.SIDE).toArray(), 0, Runs.SIDE);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }
}
