package io.accrete.trainer.report;

import java.util.List;
import org.jsoup.nodes.Element;

/** Tables that scroll by themselves where the screen is narrow, with the keyboard too. */
final class Tables {
  private Tables() {}

  static void append(Element parent, String name, List<String> columns, List<List<String>> rows) {
    Element region = parent.appendElement("div").addClass("scroll").attr("role", "region").attr("aria-label", name).attr("tabindex", "0");
    Element table = region.appendElement("table");
    Element head = table.appendElement("thead").appendElement("tr");
    columns.forEach(column -> head.appendElement("th").attr("scope", "col").text(column));
    Element body = table.appendElement("tbody");
    for (List<String> row : rows) {
      Element line = body.appendElement("tr");
      line.appendElement("th").attr("scope", "row").text(row.get(0));
      row.subList(1, row.size()).forEach(cell -> line.appendElement("td").text(cell));
    }
  }
}
