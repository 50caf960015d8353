package io.accrete.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** How a benchmark prints its result: as a table or as JSON. */
final class BenchResult {
  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  void print(CommandSpec spec, Object result, String table) throws JsonProcessingException {
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? JSON.writeValueAsString(result) + "\n" : table);
    out.flush();
  }

  /** A line of a table, the same in every locale. */
  static String line(String format, Object... arguments) {
    return String.format(Locale.ROOT, format + "%n", arguments);
  }
}
