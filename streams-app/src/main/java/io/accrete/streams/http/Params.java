package io.accrete.streams.http;

import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Query parameters by type. What does not fit is a {@link ProblemException} (400) that says what was expected. */
public final class Params {
  private static final Pattern BROKEN_ESCAPE = Pattern.compile("%(?![0-9a-fA-F]{2})");

  private Params() {}

  /** A whole number within bounds, both included. */
  public static int integer(Context context, String name, int least, int most, int otherwise) {
    Optional<String> text = text(context, name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int value = Integer.parseInt(text.get());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw refusal(name, "a whole number from " + least + " to " + most, text.get());
  }

  /** {@code true} or {@code false}. */
  public static boolean flag(Context context, String name, boolean otherwise) {
    Optional<String> text = text(context, name);
    if (text.isPresent() && !text.get().equals("true") && !text.get().equals("false")) {
      throw refusal(name, "true or false", text.get());
    }
    return text.map(Boolean::parseBoolean).orElse(otherwise);
  }

  /** A parameter that may be given once and not be empty. */
  public static Optional<String> text(Context context, String name) {
    List<String> values = all(context, name);
    if (values.size() > 1 || values.contains("")) {
      throw refusal(name, "one value", values.size() > 1 ? values.size() + " of them" : "");
    }
    return values.stream().findFirst();
  }

  /** A parameter that may be repeated, in the order given. */
  public static List<String> all(Context context, String name) {
    String query = context.queryString();
    if (query != null && BROKEN_ESCAPE.matcher(query).find()) { // Javalin would pass the parameter over
      throw ProblemException.badRequest("The query is not percent-encoded: it has a % without two hexadecimal digits.");
    }
    return context.queryParams(name);
  }

  /** 400 for a parameter. */
  public static ProblemException refusal(String name, String expected, String found) {
    return ProblemException.badRequest("Parameter '" + name + "': expected " + expected + ", found '" + shortened(found) + "'.");
  }

  private static String shortened(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }
}
