package org.wasmbroker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;

/**
 * The effective configuration, and the origin of each value.
 *
 * @param effective every setting, in the order of docs/configuration.md
 */
public record Configuration(BrokerConfig broker, List<EffectiveSetting> effective) {
  /**
   * Reads and checks all settings.
   *
   * @throws ConfigException with all problems, if there are any
   */
  public static Configuration load(ConfigSources sources) {
    var problems = new ArrayList<Problem>();
    var values = new SettingValues(SettingsReader.of(sources, problems));
    var broker = new ConfigBinder(values, sources.environment(), problems).broker();
    if (problems.isEmpty()) {
      CrossChecks.check(broker, values, problems);
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return new Configuration(
        broker,
        Settings.ALL.stream().map(setting -> EffectiveSetting.of(setting, values)).toList());
  }

  /**
   * Only where health and metrics are served: for who asks a running broker, which may have other
   * problems, or none with files that only it can read.
   *
   * @throws ConfigException if the file cannot be read, or these settings are invalid
   */
  public static HttpConfig http(ConfigSources sources) {
    var found = new ArrayList<Problem>();
    var values = new SettingValues(SettingsReader.of(sources, found));
    var problems = new ArrayList<>(found.stream().filter(Configuration::concernsHttp).toList());
    try {
      var http = HttpSettings.read(values);
      if (problems.isEmpty()) {
        return http;
      }
    } catch (IllegalArgumentException rejected) {
      problems.add(new Problem(Location.of("settings"), "", String.valueOf(rejected.getMessage())));
    }
    throw new ConfigException(problems);
  }

  private static boolean concernsHttp(Problem problem) {
    return problem.subject().isEmpty()
        || HttpSettings.ALL.stream().anyMatch(setting -> problem.subject().contains(setting.key()));
  }

  /** A line for each setting: key, value and origin; secrets are masked. */
  public String describe() {
    int keys = effective.stream().mapToInt(line -> line.key().length()).max().orElse(0);
    return effective.stream()
        .map(
            line ->
                "%s = %s  (%s)".formatted(padded(line.key(), keys), line.value(), line.origin()))
        .collect(Collectors.joining("\n"));
  }

  private static String padded(String text, int length) {
    return text + " ".repeat(length - text.length());
  }
}
