package org.wasmbroker.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.app.Logging;
import org.wasmbroker.config.ConfigSources;
import org.wasmbroker.config.Configuration;
import org.wasmbroker.environment.ProcessText;
import picocli.CommandLine.Option;

/** The options that configure a command; the same for all commands. */
public final class ConfigOptions {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "A YAML or JSON file of settings (default: $WASM_BROKER_CONFIG, or none).")
  private @Nullable Path file;

  @Option(
      names = {"-s", "--set"},
      paramLabel = "KEY=VALUE",
      description = "One setting, such as dispatch.slots=4; see docs/configuration.md. Repeatable.")
  private final Map<String, String> overrides = new LinkedHashMap<>();

  private final Map<String, String> commandSettings = new LinkedHashMap<>();

  /** Sets the setting to the value of a dedicated option, if that option was given. */
  public void put(String key, @Nullable String value) {
    if (value != null) {
      commandSettings.put(key, value);
    }
  }

  /** A default of this command's own, which {@code --set} overrides. */
  public void putDefault(String key, String value) {
    if (!overrides.containsKey(key)) {
      commandSettings.put(key, value);
    }
  }

  /** Reads all settings and configures logging accordingly. */
  public BrokerConfig load() {
    return loadWithOrigins().broker();
  }

  /** Only where a broker with this configuration serves health and metrics. */
  HttpConfig loadHttp() {
    return Configuration.http(sources());
  }

  Configuration loadWithOrigins() {
    var configuration = Configuration.load(sources());
    Logging.configure(
        configuration.broker().log(), ProcessText.environment(), Console.isTerminal());
    return configuration;
  }

  private ConfigSources sources() {
    var flags = new LinkedHashMap<>(overrides);
    flags.putAll(commandSettings);
    return new ConfigSources(file, ProcessText.environment(), flags);
  }
}
