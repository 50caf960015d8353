package io.accrete.catalogue;

import static io.accrete.catalogue.Product.between;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.util.SplittableRandom;

/** Things with an outline of their own: fruit and shoes. */
final class FreeForm {
  private FreeForm() {}

  static void fruit(Product p, Brush brush) {
    double radius = p.height() * between(0.3, 0.42, p.width());
    double waist = between(0.45, 1, p.depth()); // from a pear to an apple
    double stretch = between(0.85, 1.35, p.detail());
    double middle = -radius * stretch;
    Path2D outline = new Path2D.Double();
    for (int i = 0; i < 48; i++) {
      double angle = 2 * Math.PI * i / 48;
      double up = Math.cos(angle);
      double reach = radius * (up > 0 ? between(1, waist, up * up) : 1);
      double x = reach * Math.sin(angle);
      double y = middle - radius * stretch * up * (up > 0 && waist > 0.8 ? 0.92 : 1);
      if (i == 0) {
        outline.moveTo(x, y);
      } else {
        outline.lineTo(x, y);
      }
    }
    outline.closePath();
    brush.fill(outline, p.body().color());
    Shape clip = brush.graphics().getClip();
    brush.graphics().clip(outline);
    SplittableRandom spots = new SplittableRandom(p.number());
    int count = spots.nextInt(0, 40);
    double size = spots.nextDouble(0.008, 0.04);
    for (int i = 0; i < count; i++) {
      double around = 2 * Math.PI * spots.nextDouble() - brush.pose().yaw();
      double up = spots.nextDouble(-0.9, 0.9);
      if (Math.cos(around) > 0) {
        double x = radius * Math.sqrt(1 - up * up) * Math.sin(around);
        brush.fill(Brush.ellipse(x, middle - radius * stretch * up, size * Math.cos(around), size), p.trim().color());
      }
    }
    double blush = radius * Math.sin(0.6 - brush.pose().yaw());
    Color trim = p.trim().color();
    brush.fill(Brush.ellipse(blush, middle, radius * 0.5, radius * 0.8), new Color(trim.getRed(), trim.getGreen(), trim.getBlue(), 120));
    brush.graphics().setClip(clip);
    brush.shadeBall(outline, 0, middle, radius * Math.max(1, stretch));
    double top = middle - radius * stretch * 0.9;
    brush.graphics().setStroke(new BasicStroke(0.025f));
    brush.graphics().setColor(new Color(0x4a3420));
    brush.graphics().draw(new Line2D.Double(0, top, 0.03 * Math.cos(brush.pose().yaw()), top - 0.12));
    if (p.detail() > 0.4) {
      double lean = 0.1 * Math.cos(brush.pose().yaw());
      brush.fill(Brush.ellipse(lean, top - 0.08, 0.03 + Math.abs(lean), 0.04), new Color(0x3c7d2e));
    }
  }

  static void shoe(Product p, Brush brush) {
    AffineTransform before = brush.graphics().getTransform();
    double turn = Math.cos(brush.pose().yaw() * 0.9);
    brush.graphics().scale(brush.pose().yaw() < 0 ? turn : -turn, 1);
    double length = p.height() * 0.48;
    double heel = p.height() * between(0.3, 0.62, p.width());
    double toe = p.height() * between(0.14, 0.26, p.depth());
    double sole = p.height() * between(0.05, 0.12, p.detail());
    Path2D upper = new Path2D.Double();
    upper.moveTo(-length, -sole);
    upper.curveTo(-length * 1.06, -heel * 0.6, -length * 0.98, -heel * 0.9, -length * 0.95, -heel);
    upper.quadTo(-length * 0.6, -heel * 0.86, -length * 0.25, -heel * 0.98);
    upper.curveTo(length * 0.1, -heel * 0.75, length * 0.3, -toe * 1.3, length * 0.7, -toe * 1.15);
    upper.curveTo(length * 1.05, -toe, length * 1.08, -sole * 1.4, length, -sole);
    upper.closePath();
    brush.fill(upper, p.body().color());
    Shape clip = brush.graphics().getClip();
    brush.graphics().clip(upper);
    Brush.Surface flank = new Brush.Surface() {
      @Override
      public double x(double u, double v) {
        return between(-length * 0.55, length * 0.2, u) + 0.15 * heel * v;
      }

      @Override
      public double y(double u, double v) {
        return -between(sole, heel * 0.85, v);
      }

      @Override
      public boolean faces(double u) {
        return true;
      }
    };
    brush.print(p.label().decals().subList(1, p.label().decals().size()), flank);
    brush.fill(Brush.ellipse(length, -sole, length * 0.4, toe * 1.1), p.trim().color());
    brush.graphics().setClip(clip);
    brush.graphics().setStroke(new BasicStroke(0.02f));
    brush.graphics().setColor(p.trim().color());
    for (int i = 0; i < 4; i++) {
      double x = between(-length * 0.15, length * 0.35, i / 3.0);
      double y = -between(heel * 0.88, toe * 1.35, i / 3.0);
      brush.graphics().draw(new Line2D.Double(x, y, x - 0.05, y + 0.09));
    }
    brush.shadeBall(upper, 0, -heel * 0.5, length * 1.1);
    Path2D base = Brush.polygon(-length * 1.03, -sole * 1.1, length * 1.04, -sole * 1.1, length, 0, -length, 0);
    brush.fill(base, p.detail() > 0.5 ? Palette.WHITE.color() : p.trim().color().darker());
    brush.graphics().setTransform(before);
  }
}
