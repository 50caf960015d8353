package io.accrete.trainer.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A number over the steps of a run of any length, in at most {@value #POINTS} points: runs of steps are drawn together as need be. */
final class Curve {
  static final int POINTS = 400;

  private List<Point> points = new ArrayList<>();
  private long width = 1;

  /** Steps drawn together: the first of them, and the mean and the extremes of their values. */
  record Point(long step, double mean, double min, double max, long count) {
    Point with(Point other) {
      long sum = count + other.count;
      return new Point(step, mean + (other.mean - mean) * other.count / sum, Math.min(min, other.min), Math.max(max, other.max), sum);
    }
  }

  /** The value of a step not before the one added last; what is no number leaves a gap. */
  void add(long step, double value) {
    if (!Double.isFinite(value)) {
      return;
    }
    add(points, new Point(step, value, value, value, 1));
    if (points.size() > POINTS) {
      width *= 2;
      List<Point> fewer = new ArrayList<>();
      points.forEach(point -> add(fewer, point));
      points = fewer;
    }
  }

  private void add(List<Point> to, Point point) {
    int last = to.size() - 1;
    if (last >= 0 && to.get(last).step / width == point.step / width) {
      to.set(last, to.get(last).with(point));
    } else {
      to.add(point);
    }
  }

  List<Point> points() {
    return Collections.unmodifiableList(points);
  }

  boolean isEmpty() {
    return points.isEmpty();
  }

  Point first() {
    return points.get(0);
  }

  Point last() {
    return points.get(points.size() - 1);
  }

  double min() {
    return points.stream().mapToDouble(Point::min).min().orElseThrow();
  }

  double max() {
    return points.stream().mapToDouble(Point::max).max().orElseThrow();
  }

  /** The mean at a step, or at the last before it; NaN if there is none. */
  double at(long step) {
    return points.stream().filter(point -> point.step <= step).reduce((a, b) -> b).map(Point::mean).orElse(Double.NaN);
  }
}
