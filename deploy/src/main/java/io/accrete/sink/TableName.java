package io.accrete.sink;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of the sink's table, from which those of its other relations are made.
 *
 * @param schema null: the first of the user's search path
 */
public record TableName(String schema, String table) {
  // Lower case: a name in quotes and the same without are one. PostgreSQL cuts names after 63 bytes, and ours get endings.
  private static final Pattern NAME = Pattern.compile("(?:([a-z_][a-z0-9_]{0,62})\\.)?([a-z_][a-z0-9_]{0,47})");

  /**
   * Reads {@code table} or {@code schema.table}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static TableName parse(String text) {
    Matcher name = NAME.matcher(text);
    if (!name.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a table's name: expected table or schema.table of lower-case letters, "
          + "digits and '_', beginning with a letter, the table's at most 48 long.");
    }
    return new TableName(name.group(1), name.group(2));
  }

  TableName in(String schema) {
    return new TableName(schema, table);
  }

  /** What readers see. */
  String view() {
    return quoted("");
  }

  String state() {
    return quoted("_state");
  }

  String positions() {
    return quoted("_positions");
  }

  /** The table of one of the two spaces, 1 and 2. */
  String rows(int space) {
    return quoted("_" + space);
  }

  /** The name of a space's index, which is in the schema of its table. */
  String index(int space) {
    return quote(table + "_" + space + "_embedding");
  }

  private String quoted(String ending) {
    return quote(schema) + "." + quote(table + ending);
  }

  static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  @Override
  public String toString() {
    return schema == null ? table : schema + "." + table;
  }
}
