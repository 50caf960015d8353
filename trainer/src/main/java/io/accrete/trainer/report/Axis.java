package io.accrete.trainer.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Values from {@code min} to {@code max} laid out from one coordinate to another. */
record Axis(double min, double max, double from, double to) {

  /** An axis around values, with zero where that is not far. */
  static Axis around(double min, double max, double from, double to) {
    double low = min > 0 && min < max / 2 ? 0 : min;
    double room = max > low ? 0 : Math.max(Math.abs(max) / 10, 1e-9);
    return new Axis(low - room, max + room, from, to);
  }

  String at(double value) {
    return coordinate(from + (value - min) / (max - min) * (to - from));
  }

  static String coordinate(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /** Round values within, at most so many. */
  List<Double> ticks(int most) {
    double unit = Math.pow(10, Math.floor(Math.log10((max - min) / most)));
    double step = unit;
    for (double factor : new double[] {2, 5, 10}) {
      if ((max - min) / step > most - 1) {
        step = unit * factor;
      }
    }
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }
}
