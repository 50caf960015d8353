package io.accrete.catalogue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.LinearGradientPaint;
import java.awt.RadialGradientPaint;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.util.List;

/** What all forms draw with; coordinates are those of the product: its foot at the origin, y down, its height about 1. */
record Brush(Graphics2D graphics, Pose pose) {
  private static final float[] ROUNDNESS = {0, 0.25f, 0.5f, 0.8f, 1};

  /** Places a point of a surface on the picture. */
  interface Surface {
    double x(double u, double v);

    double y(double u, double v);

    /** Whether this part of the surface faces the camera. */
    boolean faces(double u);
  }

  void fill(Shape shape, Color color) {
    graphics.setColor(color);
    graphics.fill(shape);
  }

  void print(List<Decal> decals, Surface surface) {
    for (Decal decal : decals) {
      Path2D path = new Path2D.Double();
      boolean any = false;
      for (int i = 0; i < decal.u().length; i++) {
        if (!surface.faces(decal.u()[i])) {
          continue;
        }
        double x = surface.x(decal.u()[i], decal.v()[i]);
        double y = surface.y(decal.u()[i], decal.v()[i]);
        if (any) {
          path.lineTo(x, y);
        } else {
          path.moveTo(x, y);
          any = true;
        }
      }
      if (any) {
        path.closePath();
        fill(path, decal.color());
      }
    }
  }

  /** Light and dark across something round of this radius. */
  void shadeRound(Shape shape, double radius) {
    float bright = (float) (0.5 + 0.28 * pose.light());
    float[] stops = ROUNDNESS.clone();
    stops[1] = bright - 0.12f;
    stops[2] = bright;
    stops[3] = bright + 0.14f;
    Color[] colors = {
      new Color(0, 0, 0, 0.5f), new Color(0, 0, 0, 0.05f), new Color(1, 1, 1, 0.38f), new Color(0, 0, 0, 0.04f), new Color(0, 0, 0, 0.55f)};
    graphics.setPaint(new LinearGradientPaint((float) -radius, 0, (float) radius, 0, stops, colors));
    graphics.fill(shape);
  }

  /** Light and dark on a ball. */
  void shadeBall(Shape shape, double x, double y, double radius) {
    graphics.setPaint(new RadialGradientPaint((float) (x + pose.light() * radius * 0.4), (float) (y - radius * 0.4), (float) (radius * 1.5),
        new float[] {0, 0.3f, 1}, new Color[] {new Color(1, 1, 1, 0.5f), new Color(1, 1, 1, 0.0f), new Color(0, 0, 0, 0.65f)}));
    graphics.fill(shape);
  }

  static Ellipse2D ellipse(double x, double y, double radiusX, double radiusY) {
    return new Ellipse2D.Double(x - radiusX, y - radiusY, 2 * radiusX, 2 * radiusY);
  }

  static Path2D polygon(double... xy) {
    Path2D path = new Path2D.Double();
    path.moveTo(xy[0], xy[1]);
    for (int i = 2; i < xy.length; i += 2) {
      path.lineTo(xy[i], xy[i + 1]);
    }
    path.closePath();
    return path;
  }
}
