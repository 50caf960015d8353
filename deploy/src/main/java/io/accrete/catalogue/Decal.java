package io.accrete.catalogue;

import java.awt.Color;

/**
 * A polygon on a product's surface.
 *
 * @param u across: 0 to 1 is once around a round product, or one face of a box
 * @param v up: 0 to 1 within the label
 */
record Decal(Color color, double[] u, double[] v) {
  static Decal polygon(
      Color color, double centreU, double centreV, double radiusU, double radiusV, int corners, double turn, double inner) {
    int points = inner < 1 ? corners * 2 : corners;
    double[] u = new double[points];
    double[] v = new double[points];
    for (int i = 0; i < points; i++) {
      double angle = 2 * Math.PI * (i + turn) / points;
      double reach = inner < 1 && i % 2 == 1 ? inner : 1;
      u[i] = centreU + radiusU * reach * Math.sin(angle);
      v[i] = centreV + radiusV * reach * Math.cos(angle);
    }
    return new Decal(color, u, v);
  }

  /** A rectangle, its long edges divided so that it can be bent around a product. */
  static Decal band(Color color, double fromU, double toU, double fromV, double toV) {
    int steps = Math.max(1, (int) Math.ceil((toU - fromU) * 32));
    double[] u = new double[2 * steps + 2];
    double[] v = new double[2 * steps + 2];
    for (int i = 0; i <= steps; i++) {
      u[i] = fromU + (toU - fromU) * i / steps;
      v[i] = fromV;
      u[u.length - 1 - i] = u[i];
      v[v.length - 1 - i] = toV;
    }
    return new Decal(color, u, v);
  }

  /** The same polygon on a part of the surface. */
  Decal within(double fromU, double toU, double fromV, double toV) {
    double[] newU = new double[u.length];
    double[] newV = new double[v.length];
    for (int i = 0; i < u.length; i++) {
      newU[i] = fromU + (toU - fromU) * u[i];
      newV[i] = fromV + (toV - fromV) * v[i];
    }
    return new Decal(color, newU, newV);
  }
}
