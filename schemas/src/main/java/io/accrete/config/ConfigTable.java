package io.accrete.config;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;

/** Renders the configuration keys as Markdown, one table a group. */
final class ConfigTable {
  private ConfigTable() {}

  static String markdown() {
    ConfigDef def = ConfigKeys.DEFINITION;
    Map<String, List<ConfigKey>> groups = def.configKeys().values().stream().collect(Collectors.groupingBy(key -> key.group));
    StringBuilder out = new StringBuilder();
    for (String group : def.groups()) {
      out.append("## ").append(group).append("\n\n| key | default | meaning |\n|---|---|---|\n");
      groups.get(group).stream().sorted(Comparator.comparingInt(key -> key.orderInGroup)).forEach(key -> out
          .append("| `").append(key.name).append("` | ").append(defaultOf(key)).append(" | ").append(meaning(key)).append(" |\n"));
      out.append('\n');
    }
    return out.toString();
  }

  private static String defaultOf(ConfigKey key) {
    String value = ConfigDef.convertToString(key.defaultValue, key.type);
    boolean empty = key.type == ConfigDef.Type.PASSWORD || value == null || value.isEmpty();
    return empty ? "" : "`" + value + "`";
  }

  private static String meaning(ConfigKey key) {
    return (key.documentation + (key.validator == null ? "" : " Allowed: " + key.validator + ".")).replace("|", "\\|");
  }
}
