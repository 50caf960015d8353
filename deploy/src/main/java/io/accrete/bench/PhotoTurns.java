package io.accrete.bench;

import java.util.List;
import java.util.function.IntFunction;

/**
 * Photos of so many objects, each in its turn, without end.
 *
 * @param contents repeated under other names
 */
record PhotoTurns(List<byte[]> contents, int objects) implements IntFunction<BenchPhoto> {
  /** What most benchmarks give an object. */
  static final int IMAGES_PER_OBJECT = 16;

  /** So many objects that so many images are {@value #IMAGES_PER_OBJECT} of each. */
  static PhotoTurns of(List<byte[]> contents, int images) {
    return new PhotoTurns(contents, objects(images));
  }

  /** That number of objects, at least 1. */
  static int objects(int images) {
    return Math.max(1, images / IMAGES_PER_OBJECT);
  }

  @Override
  public BenchPhoto apply(int number) {
    return new BenchPhoto("object" + number % objects, "image" + number / objects, contents.get(number % contents.size()));
  }
}
