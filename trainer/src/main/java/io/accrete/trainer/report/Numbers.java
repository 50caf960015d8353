package io.accrete.trainer.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as people read them. */
final class Numbers {
  private Numbers() {}

  /** Four digits that count. */
  static String text(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    double size = Math.abs(value);
    if (size > 0 && size < 0.0001) {
      BigDecimal mantissa = new BigDecimal(value).round(new MathContext(3));
      return String.format(Locale.ROOT, "%.2e", mantissa).replace("e-0", "e-");
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros();
    return (rounded.signum() == 0 ? BigDecimal.ZERO : rounded).toPlainString();
  }

  /** Large numbers in thousands or millions. */
  static String brief(double value) {
    return value >= 1e6 ? text(value / 1e6) + "M" : value >= 1e4 ? text(value / 1e3) + "k" : text(value);
  }

  /** Hours, minutes and seconds. */
  static String time(double seconds) {
    long whole = Math.round(seconds);
    return String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
}
