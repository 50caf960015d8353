package io.accrete.catalogue;

import static io.accrete.catalogue.Product.between;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;

/** Boxes: three faces of a rotated cuboid, seen without perspective. */
final class BoxForm {
  private final Product product;
  private final Brush brush;
  private final double width;
  private final double height;
  private final double depth;

  private BoxForm(Product product, Brush brush, double width, double height, double depth) {
    this.product = product;
    this.brush = brush;
    this.width = width;
    this.height = height;
    this.depth = depth;
  }

  static void draw(Product p, Brush brush) {
    double h = p.height();
    BoxForm form = switch (p.kind()) {
      case CARTON -> new BoxForm(p, brush, h * between(0.34, 0.46, p.width()), h, h * between(0.3, 0.4, p.depth()));
      case BOOK -> new BoxForm(p, brush, h * between(0.6, 0.78, p.width()), h * 0.9, h * between(0.06, 0.16, p.depth()));
      default -> new BoxForm(p, brush,
          h * between(0.5, 1, p.width()), h * between(0.4, 0.85, p.detail()), h * between(0.2, 0.6, p.depth()));
    };
    form.draw();
  }

  private void draw() {
    double yaw = brush.pose().yaw();
    boolean right = yaw > 0;
    Color body = product.body().color();
    List<Decal> top = List.of(Decal.band(product.kind() == Kind.BOOK ? new Color(0xeee8d5) : product.trim().color(), 0, 1, 0, 1));
    List<Decal> side = List.of(
        Decal.band(body.darker(), 0, 1, 0, 1), Decal.band(product.trim().color(), 0, 1, between(0.1, 0.6, product.detail()), 0.75));
    List<Decal> front = new ArrayList<>(List.of(Decal.band(body, 0, 1, 0, 1)));
    double inset = product.kind() == Kind.BOOK ? 0.12 : 0.05;
    product.label().decals().forEach(decal -> front.add(decal.within(inset, 1 - inset, between(0.05, 0.3, product.depth()), 0.93)));
    double x = right ? width / 2 : -width / 2;
    face(side, x, 0, depth / 2, 0, 0, -depth, 0, height, 0.3 - 0.25 * brush.pose().light() * Math.signum(x));
    face(top, -width / 2, height, depth / 2, width, 0, 0, 0, 0, 0);
    face(front, -width / 2, 0, depth / 2, width, 0, 0, 0, height, 0.1 + 0.1 * Math.abs(yaw));
  }

  /** One face: its corner, the edge along u, and along v either upwards or (for the top) backwards. */
  private void face(List<Decal> decals, double x, double y, double z, double ux, double uy, double uz, double vx, double vy, double shade) {
    double vz = vy == 0 ? -depth : 0;
    Brush.Surface surface = new Brush.Surface() {
      @Override
      public double x(double u, double v) {
        double px = x + ux * u + vx * v;
        double pz = z + uz * u + vz * v;
        return px * Math.cos(brush.pose().yaw()) - pz * Math.sin(brush.pose().yaw());
      }

      @Override
      public double y(double u, double v) {
        double px = x + ux * u + vx * v;
        double pz = z + uz * u + vz * v;
        double towards = px * Math.sin(brush.pose().yaw()) + pz * Math.cos(brush.pose().yaw());
        return towards * Math.sin(brush.pose().pitch()) - (y + uy * u + vy * v) * Math.cos(brush.pose().pitch());
      }

      @Override
      public boolean faces(double u) {
        return true;
      }
    };
    brush.print(decals, surface);
    brush.print(List.of(Decal.band(new Color(0, 0, 0, (int) (255 * Math.max(0, Math.min(0.6, shade)))), 0, 1, 0, 1)), surface);
  }
}
