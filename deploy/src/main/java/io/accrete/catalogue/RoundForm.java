package io.accrete.catalogue;

import static io.accrete.catalogue.Product.between;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.geom.Path2D;
import java.util.Arrays;
import java.util.List;

/** Things turned on a lathe: a profile of heights and radii, rotated; with a label around the belly. */
final class RoundForm {
  private static final int STEPS = 8;

  private final Product product;
  private final Brush brush;
  private final double[] heights;
  private final double[] radii;
  private final double labelFrom;
  private final double labelTo;
  private final double trimFrom;

  private RoundForm(Product product, Brush brush, double labelFrom, double labelTo, double trimFrom, double... profile) {
    this.product = product;
    this.brush = brush;
    this.labelFrom = labelFrom;
    this.labelTo = labelTo;
    this.trimFrom = trimFrom;
    int spans = profile.length / 2 - 1;
    heights = new double[spans * STEPS + 1];
    radii = new double[spans * STEPS + 1];
    for (int i = 0; i < heights.length; i++) {
      int span = Math.min(i / STEPS, spans - 1);
      double t = (double) (i - span * STEPS) / STEPS;
      double eased = (1 - Math.cos(Math.PI * t)) / 2;
      heights[i] = product.height() * between(profile[2 * span], profile[2 * span + 2], t);
      radii[i] = product.height() * between(profile[2 * span + 1], profile[2 * span + 3], eased);
    }
  }

  static void draw(Product p, Brush brush) {
    double w = p.width();
    double d = p.depth();
    double e = p.detail();
    RoundForm form = switch (p.kind()) {
      case BOTTLE -> {
        double belly = between(0.13, 0.24, w);
        double neck = between(0.045, 0.075, d);
        double shoulder = between(0.5, 0.68, e);
        yield new RoundForm(p, brush, 0.1, shoulder - 0.06, 0.88,
            0, belly * 0.95, 0.04, belly, shoulder, belly, shoulder + 0.17, neck, 0.88, neck, 0.885, neck + 0.015, 1, neck + 0.015);
      }
      case JAR -> {
        double belly = between(0.24, 0.36, w);
        double lid = belly * between(0.8, 1, d);
        yield new RoundForm(p, brush, 0.12, 0.62, 0.8, 0, belly * 0.9, 0.06, belly, 0.68, belly, 0.78, lid * 0.92, 0.8, lid, 0.95, lid);
      }
      case CAN -> {
        double belly = between(0.2, 0.34, w);
        yield new RoundForm(p, brush, 0.06, between(0.7, 0.92, e), 0.955, 0, belly * 0.95, 0.04, belly, 0.92, belly, 0.96, belly * 0.93);
      }
      case MUG -> {
        double rim = between(0.26, 0.38, w);
        yield new RoundForm(p, brush, between(0.1, 0.3, e), 0.62, 2,
            0, rim * between(0.65, 1, d), 0.05, rim * between(0.7, 1, d), 0.75, rim);
      }
      case LAMP -> {
        double shade = between(0.22, 0.36, w);
        double top = shade * between(0.35, 0.9, d);
        double foot = between(0.45, 0.6, e);
        yield new RoundForm(p, brush, foot + 0.06, 0.95, 2,
            0, shade * 0.7, 0.05, shade * 0.65, 0.08, 0.035, foot, 0.035, foot + 0.001, shade, 1, top);
      }
      case VASE -> {
        double belly = between(0.2, 0.34, w);
        double neck = between(0.07, 0.16, d);
        yield new RoundForm(p, brush, 0.12, between(0.45, 0.6, e), 2,
            0, belly * 0.5, between(0.25, 0.5, e), belly, 0.78, neck, 0.95, neck * 1.6);
      }
      default -> {
        double belly = between(0.16, 0.3, w);
        yield new RoundForm(p, brush, 0.15, between(0.35, 0.6, e), 2, 0, belly, between(0.6, 0.85, d), belly);
      }
    };
    form.draw();
  }

  private void draw() {
    boolean handleBehind = Math.cos(handleAngle()) < 0;
    if (product.kind() == Kind.MUG && handleBehind) {
      handle();
    }
    Path2D silhouette = band(0, Double.MAX_VALUE);
    brush.fill(silhouette, product.body().color());
    brush.print(product.label().decals().stream().map(decal -> decal.within(-0.3, 0.3, 0, 1)).toList(), label());
    if (trimFrom <= 1) {
      brush.fill(band(trimFrom * product.height(), Double.MAX_VALUE), product.trim().color());
    } else if (product.kind() == Kind.LAMP) {
      brush.fill(band(0, labelFrom * product.height() - 0.06), product.trim().color());
    }
    double widest = Arrays.stream(radii).max().orElseThrow();
    brush.shadeRound(silhouette, widest);
    top();
    if (product.kind() == Kind.MUG && !handleBehind) {
      handle();
    }
  }

  private Brush.Surface label() {
    double from = labelFrom * product.height();
    double to = labelTo * product.height();
    return new Brush.Surface() {
      @Override
      public double x(double u, double v) {
        return radius(between(from, to, v)) * Math.sin(2 * Math.PI * u - brush.pose().yaw());
      }

      @Override
      public double y(double u, double v) {
        double height = between(from, to, v);
        return screenY(height) + radius(height) * Math.cos(2 * Math.PI * u - brush.pose().yaw()) * Math.sin(brush.pose().pitch());
      }

      @Override
      public boolean faces(double u) {
        return Math.cos(2 * Math.PI * u - brush.pose().yaw()) > 0;
      }
    };
  }

  /** The visible outside between two heights: the sides, and the near halves of the circles below and above. */
  private Path2D band(double from, double to) {
    Path2D path = new Path2D.Double();
    int first = 0;
    while (first < heights.length - 2 && heights[first] < from) {
      first++;
    }
    int last = heights.length - 1;
    while (last > first + 1 && heights[last] > to) {
      last--;
    }
    nearHalf(path, first, -1);
    for (int i = first; i <= last; i++) {
      path.lineTo(radii[i], screenY(heights[i]));
    }
    nearHalf(path, last, 1);
    for (int i = last; i >= first; i--) {
      path.lineTo(-radii[i], screenY(heights[i]));
    }
    path.closePath();
    return path;
  }

  /** The near half of a circle, from the left (-1) or from the right (1). */
  private void nearHalf(Path2D path, int at, int from) {
    double tilt = Math.sin(brush.pose().pitch());
    for (int i = 0; i <= 12; i++) {
      double angle = Math.PI / 2 * from * (1 - i / 6.0);
      double x = radii[at] * Math.sin(angle);
      double y = screenY(heights[at]) + radii[at] * Math.cos(angle) * tilt;
      if (path.getCurrentPoint() == null) {
        path.moveTo(x, y);
      } else {
        path.lineTo(x, y);
      }
    }
  }

  private void top() {
    int last = heights.length - 1;
    double tilt = Math.sin(brush.pose().pitch());
    double y = screenY(heights[last]);
    Color rim = (trimFrom <= 1 ? product.trim() : product.body()).color();
    brush.fill(Brush.ellipse(0, y, radii[last], radii[last] * tilt), rim);
    boolean open = List.of(Kind.MUG, Kind.VASE, Kind.LAMP).contains(product.kind());
    Color inside = open ? new Color(0, 0, 0, 110) : new Color(255, 255, 255, 60);
    brush.fill(Brush.ellipse(0, y, radii[last] * 0.9, radii[last] * 0.9 * tilt), inside);
    if (product.kind() == Kind.CANDLE) {
      brush.fill(Brush.polygon(-0.008, y, -0.008, y - 0.07, 0.008, y - 0.07, 0.008, y), Color.DARK_GRAY);
      if (product.detail() > 0.5) {
        brush.fill(Brush.ellipse(0, y - 0.11, 0.022, 0.05), new Color(0xffc040));
      }
    }
  }

  private double handleAngle() {
    return Math.PI / 2 * 0.9 - brush.pose().yaw();
  }

  private void handle() {
    double reach = Math.sin(handleAngle());
    double size = product.height() * between(0.16, 0.24, product.detail());
    double middle = screenY(product.height() * 0.4) + radius(0.4) * Math.cos(handleAngle()) * Math.sin(brush.pose().pitch());
    double x = radius(product.height() * 0.4) * reach;
    brush.graphics().setStroke(new BasicStroke(0.05f));
    brush.graphics().setColor(product.body().color().darker());
    brush.graphics().draw(Brush.ellipse(x, middle, Math.max(0.02, size * Math.abs(reach)), size));
  }

  private double radius(double height) {
    int i = 0;
    while (i < heights.length - 1 && heights[i] < height) {
      i++;
    }
    return radii[i];
  }

  private double screenY(double height) {
    return -height * Math.cos(brush.pose().pitch());
  }
}
