package io.accrete.bench;

import java.util.List;
import java.util.function.IntFunction;

/**
 * Photos of so many objects, each in its turn, without end.
 *
 * @param contents repeated under other names
 */
record PhotoTurns(List<byte[]> contents, int objects) implements IntFunction<BenchPhoto> {
  @Override
  public BenchPhoto apply(int number) {
    return new BenchPhoto("object" + number % objects, "image" + number / objects, contents.get(number % contents.size()));
  }
}
