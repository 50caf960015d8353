package io.accrete.trainer.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.trainer.loop.TrainingLog.Event;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jsoup.nodes.DataNode;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.DocumentType;
import org.jsoup.nodes.Element;

/**
 * The report of a run: one page that needs nothing but itself, with what was trained, curves, evaluations, decisions of the gate and
 * neighbours before and after. It has no scripts, and forbids any.
 */
public final class TrainingReport {
  /** Name of the file. */
  public static final String FILE = "report.html";

  private static final String POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

  private final RunHistory history;
  private final List<Neighbours> sheet;

  private TrainingReport(RunHistory history, List<Neighbours> sheet) {
    this.history = history;
    this.sheet = sheet;
  }

  /**
   * Writes the report of a run, from its log and its contact sheet, in place of the one before.
   *
   * @throws UncheckedIOException if something cannot be read or written; the report before is then kept
   */
  public static void write(Path runDirectory) {
    TrainingReport report = new TrainingReport(RunHistory.of(runDirectory), Neighbours.read(runDirectory));
    WholeFile.write(runDirectory.resolve(FILE), report.page().outerHtml().getBytes(StandardCharsets.UTF_8));
  }

  private Document page() {
    Document page = new Document("");
    page.outputSettings().prettyPrint(false);
    page.appendChild(new DocumentType("html", "", ""));
    Element html = page.appendElement("html").attr("lang", "en");
    Element head = html.appendElement("head");
    head.appendElement("meta").attr("charset", "utf-8");
    head.appendElement("meta").attr("http-equiv", "Content-Security-Policy").attr("content", POLICY);
    head.appendElement("meta").attr("name", "viewport").attr("content", "width=device-width, initial-scale=1");
    head.appendElement("title").text("Training report");
    head.appendElement("style").appendChild(new DataNode(style()));
    Element main = html.appendElement("body").appendElement("main");
    main.appendElement("h1").text("Training report");
    main.appendElement("p").text(status());
    trained(main);
    evaluations(main);
    neighbours(main);
    charts(main, "Training", history.steps);
    charts(main, "Watch for collapse", history.collapse);
    events(main);
    return page;
  }

  private static String style() {
    try (InputStream css = TrainingReport.class.getResourceAsStream("report.css")) {
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String status() {
    if (history.last == null) {
      return "No step is done yet.";
    }
    String status = "%,d steps in %s.".formatted(history.last.step() + 1, Numbers.time(history.last.seconds()));
    return history.checkpoint == null ? status : status + " Last checkpoint after step %,d.".formatted(history.checkpoint.step());
  }

  private void trained(Element main) {
    if (history.start == null) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    flat("", history.start.facts(), rows);
    Tables.append(section(main, "What is trained"), "What is trained", List.of("fact", "value"), rows);
  }

  private static void flat(String name, JsonNode value, List<List<String>> rows) {
    if (value.isObject()) {
      value.properties().forEach(field -> flat(name.isEmpty() ? field.getKey() : name + "." + field.getKey(), field.getValue(), rows));
    } else {
      rows.add(List.of(name, text(value)));
    }
  }

  private static String text(JsonNode value) {
    if (!value.isContainerNode()) {
      return value.asText();
    }
    StringJoiner text = new StringJoiner(", ");
    value.properties().forEach(field -> text.add(field.getKey() + " " + text(field.getValue())));
    if (value.isArray()) {
      value.forEach(each -> text.add(text(each)));
    }
    return text.toString();
  }

  private void charts(Element main, String title, Map<String, Curve> curves) {
    Map<String, Curve> drawn = new LinkedHashMap<>(curves);
    drawn.values().removeIf(Curve::isEmpty);
    if (!drawn.isEmpty()) {
      Element charts = section(main, title).appendElement("div").addClass("charts");
      drawn.forEach((name, curve) -> new Chart(name, List.of(new Chart.Line(name, "s0", curve)), lastStep()).appendTo(charts));
    }
  }

  private void evaluations(Element main) {
    if (history.ar10.values().stream().allMatch(Curve::isEmpty) && history.gates.isEmpty()) {
      return;
    }
    Element section = section(main, "Held-back objects");
    Element charts = section.appendElement("div").addClass("charts");
    evaluation(charts, "AR@10", history.ar10);
    evaluation(charts, "R@1", history.r1);
    if (!history.gates.isEmpty()) {
      Tables.append(section, "Decisions of the gate", List.of("step", "passed", "candidate", "AR@10", "serving", "AR@10", "why"),
          history.gates.stream().map(TrainingReport::gate).toList());
    }
  }

  private void evaluation(Element charts, String title, Map<String, Curve> scores) {
    List<Chart.Line> lines = new ArrayList<>();
    scores.forEach((name, curve) -> {
      int way = RunHistory.WAYS.indexOf(name);
      if (!curve.isEmpty()) {
        lines.add(new Chart.Line(name, way < 0 ? "serving" : "s" + way, curve));
      }
    });
    if (!lines.isEmpty()) {
      new Chart(title, lines, lastStep()).appendTo(charts);
    }
  }

  private static List<String> gate(Event gate) {
    JsonNode facts = gate.facts();
    return List.of(Long.toString(gate.step()), facts.path("passed").asBoolean() ? "yes" : "no", facts.path("candidate").asText("–"),
        ar10(facts.path("candidateScores")), facts.path("serving").asText("–"), ar10(facts.path("servingScores")),
        facts.path("reason").asText());
  }

  private static String ar10(JsonNode scores) {
    return Numbers.text(scores.path("aggregated").path("ar10").asDouble(Double.NaN));
  }

  private void neighbours(Element main) {
    if (sheet.isEmpty()) {
      return;
    }
    Element section = section(main, "Neighbours before and after");
    section.appendElement("p").text("The nearest is right for " + right(true) + " of " + sheet.size() + " objects before, and for "
        + right(false) + " after.");
    Element grid = section.appendElement("div").addClass("sheet");
    for (Neighbours query : sheet) {
      Element article = grid.appendElement("article");
      Element title = article.appendElement("h3");
      photo(title, query.photo());
      title.appendElement("span").text(query.object());
      ranked(article, "Before", query, query.before());
      ranked(article, "After", query, query.after());
    }
  }

  private long right(boolean before) {
    return sheet.stream().filter(query -> (before ? query.before() : query.after()).stream().limit(1).anyMatch(query::right)).count();
  }

  private static void ranked(Element article, String title, Neighbours query, List<Neighbours.Found> ranking) {
    article.appendElement("h4").text(title);
    Element list = article.appendElement("ol");
    for (Neighbours.Found found : ranking) {
      boolean right = query.right(found);
      Element item = list.appendElement("li").addClass(right ? "right" : "wrong");
      photo(item, found.photo());
      item.appendElement("span").text((right ? "✓ right: " : "✗ ") + found.object());
    }
  }

  /** Its name is written beside it, so that there is nothing to add for those who cannot see it. */
  private static void photo(Element parent, byte[] jpeg) {
    if (jpeg.length == 0) {
      parent.appendElement("span").addClass("blank").text("no photo");
    } else {
      parent.appendElement("img").attr("src", "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(jpeg)).attr("alt", "");
    }
  }

  private void events(Element main) {
    if (!history.events.isEmpty()) {
      Tables.append(section(main, "What happened"), "What happened", List.of("step", "event", "time (UTC)", "facts"),
          history.events.stream()
              .map(event -> List.of(Long.toString(event.step()), event.event(), String.valueOf(event.time()), text(event.facts())))
              .toList());
    }
  }

  private static Element section(Element main, String title) {
    Element section = main.appendElement("section");
    section.appendElement("h2").text(title);
    return section;
  }

  private long lastStep() {
    return history.last == null ? 0 : history.last.step();
  }
}
