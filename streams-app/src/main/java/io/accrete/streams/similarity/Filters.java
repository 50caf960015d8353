package io.accrete.streams.similarity;

import java.util.List;
import java.util.Map;

/** What the attributes of an object must be; all of it must hold. */
public record Filters(List<Map.Entry<String, String>> attributes) {
  /** Every object will do. */
  public static final Filters NONE = new Filters(List.of());

  public Filters {
    attributes = List.copyOf(attributes);
  }

  /**
   * From {@code attribute:value} each; values may hold colons.
   *
   * @throws IllegalArgumentException if one is not of that form; the message is for people
   */
  public static Filters parse(List<String> filters) {
    return new Filters(filters.stream().map(Filters::parse).toList());
  }

  private static Map.Entry<String, String> parse(String filter) {
    int colon = filter.indexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("A filter is attribute:value, such as colour:red; found '" + filter + "'.");
    }
    return Map.entry(filter.substring(0, colon), filter.substring(colon + 1));
  }

  boolean isEmpty() {
    return attributes.isEmpty();
  }

  boolean hold(ObjectSummary object) {
    for (Map.Entry<String, String> wanted : attributes) {
      if (!wanted.getValue().equals(object.attributes().get(wanted.getKey()))) {
        return false;
      }
    }
    return true;
  }
}
