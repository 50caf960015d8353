package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options of every command that reads the configuration: file &lt; environment &lt; flags. */
final class ConfigOptions {
  @Option(names = "--config", paramLabel = "FILE", defaultValue = "${env:ACCRETE_CONFIG}",
      description = "Properties file; also by ACCRETE_CONFIG.")
  private Path file;

  @Option(names = {"-c", "--set"}, paramLabel = "KEY=VALUE",
      description = "Sets one configuration key; may be repeated. 'accrete config' lists the keys.")
  private Map<String, String> flags = new LinkedHashMap<>();

  AccreteConfig load() {
    return AccreteConfig.load(file, System.getenv(), flags);
  }
}
