package io.accrete.trainer.report;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jsoup.nodes.Element;

/**
 * Curves over the same steps as a figure: a drawing, its legend, a sentence for those who cannot see it, and a table of values.
 *
 * @param lines at least one, none empty
 * @param steps the last step of the axis, which begins at 0
 */
record Chart(String title, List<Line> lines, long steps) {
  private static final int WIDTH = 360; // small, so that its text can be read on a telephone
  private static final int HEIGHT = 190;
  private static final int LEFT = 46;
  private static final int RIGHT = 350;
  private static final int TOP = 8;
  private static final int BOTTOM = 164;
  private static final int TICKS = 5;
  private static final int FEW = 40; // points that are marked, so that single ones are seen
  private static final int ROWS = 12;

  /** A named curve; the style is a class of the style sheet. */
  record Line(String name, String style, Curve curve) {}

  void appendTo(Element parent) {
    Element figure = parent.appendElement("figure");
    Element caption = figure.appendElement("figcaption");
    caption.appendElement("b").text(title);
    if (lines.size() == 1) {
      caption.appendElement("span").text(Numbers.text(lines.get(0).curve.last().mean()));
    } else {
      legend(figure);
    }
    draw(figure);
    table(figure);
  }

  private void legend(Element figure) {
    Element list = figure.appendElement("ul").addClass("legend");
    for (Line line : lines) {
      Element item = list.appendElement("li");
      Element key = item.appendElement("svg").attr("viewBox", "0 0 24 8").attr("aria-hidden", "true");
      key.appendElement("path").attr("d", "M0 4H24").addClass("line").addClass(line.style);
      item.appendElement("span").text(line.name + " " + Numbers.text(line.curve.last().mean()));
    }
  }

  private void draw(Element figure) {
    Axis across = new Axis(0, Math.max(1, steps), LEFT, RIGHT);
    Axis up = Axis.around(lines.stream().mapToDouble(line -> line.curve.min()).min().orElseThrow(),
        lines.stream().mapToDouble(line -> line.curve.max()).max().orElseThrow(), BOTTOM, TOP);
    Element svg = figure.appendElement("svg").attr("viewBox", "0 0 " + WIDTH + " " + HEIGHT).attr("role", "img")
        .attr("aria-label", words());
    for (double tick : up.ticks(TICKS)) {
      svg.appendElement("path").addClass("grid").attr("d", "M" + LEFT + " " + up.at(tick) + "H" + RIGHT);
      label(svg, Numbers.text(tick), LEFT - 5, Double.parseDouble(up.at(tick)) + 4, "end");
    }
    for (double tick : across.ticks(TICKS)) {
      double x = Double.parseDouble(across.at(tick));
      label(svg, Numbers.brief(tick), x, BOTTOM + 16, x > RIGHT - 12 ? "end" : "middle");
    }
    for (Line line : lines) {
      draw(svg, line, across, up);
    }
  }

  private static void label(Element svg, String text, double x, double y, String anchor) {
    svg.appendElement("text").attr("x", Axis.coordinate(x)).attr("y", Axis.coordinate(y)).attr("text-anchor", anchor).text(text);
  }

  private static void draw(Element svg, Line line, Axis across, Axis up) {
    List<Curve.Point> points = line.curve.points();
    StringBuilder path = new StringBuilder();
    StringBuilder band = new StringBuilder();
    for (Curve.Point point : points) {
      String x = across.at(point.step());
      path.append(path.isEmpty() ? "M" : "L").append(x).append(' ').append(up.at(point.mean()));
      band.append(band.isEmpty() ? "M" : "L").append(x).append(' ').append(up.at(point.max()));
    }
    for (int i = points.size() - 1; i >= 0; i--) {
      band.append('L').append(across.at(points.get(i).step())).append(' ').append(up.at(points.get(i).min()));
    }
    if (points.stream().anyMatch(point -> point.min() < point.max())) {
      svg.appendElement("path").addClass("band").addClass(line.style).attr("d", band.append('Z').toString());
    }
    svg.appendElement("path").addClass("line").addClass(line.style).attr("d", path.toString());
    if (points.size() <= FEW) {
      points.forEach(point -> svg.appendElement("circle").addClass(line.style).attr("r", "2.5")
          .attr("cx", across.at(point.step())).attr("cy", up.at(point.mean())));
    }
  }

  private String words() {
    StringBuilder words = new StringBuilder(title);
    for (Line line : lines) {
      Curve curve = line.curve;
      words.append("; ").append(lines.size() == 1 ? "" : line.name + " ").append("from ").append(Numbers.text(curve.first().mean()))
          .append(" at step ").append(curve.first().step()).append(" to ").append(Numbers.text(curve.last().mean())).append(" at step ")
          .append(curve.last().step()).append(", lowest ").append(Numbers.text(curve.min())).append(", highest ")
          .append(Numbers.text(curve.max()));
    }
    return words.append('.').toString();
  }

  private void table(Element figure) {
    Element details = figure.appendElement("details");
    details.appendElement("summary").text("Values").appendElement("span").addClass("hidden").text(" of " + title);
    List<String> names = new ArrayList<>(List.of("step"));
    lines.forEach(line -> names.add(lines.size() == 1 ? "value" : line.name));
    List<List<String>> rows = new ArrayList<>();
    for (long step : sampled()) {
      List<String> row = new ArrayList<>(List.of(Long.toString(step)));
      lines.forEach(line -> row.add(Numbers.text(line.curve.at(step))));
      rows.add(row);
    }
    Tables.append(details, title, names, rows);
  }

  private List<Long> sampled() {
    TreeSet<Long> all = new TreeSet<>();
    lines.forEach(line -> line.curve.points().forEach(point -> all.add(point.step())));
    List<Long> steps = List.copyOf(all);
    TreeSet<Long> some = new TreeSet<>();
    for (int row = 0; row < ROWS; row++) {
      some.add(steps.get((int) ((steps.size() - 1L) * row / (ROWS - 1))));
    }
    return List.copyOf(some);
  }
}
