package org.wasmbroker.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;
import org.wasmbroker.environment.ProcessText;

/** Merges all sources; the result contains only known keys and valid values. */
final class SettingsReader {
  private static final Map<String, Setting<?>> SETTINGS =
      Settings.ALL.stream().collect(Collectors.toMap(Setting::key, setting -> setting));

  private static final Location COMMAND_LINE = Location.of("command line");

  private final List<Problem> problems;
  private final Map<String, RawValue> raw = new LinkedHashMap<>();

  private SettingsReader(List<Problem> problems) {
    this.problems = problems;
  }

  /** The configured values by key; problems are collected. */
  static Map<String, RawValue> of(ConfigSources sources, List<Problem> problems) {
    var reading = new SettingsReader(problems);
    var file = file(sources);
    if (file != null) {
      ConfigFile.read(file, Settings.LISTS, problems).forEach(reading::accept);
    }
    EnvironmentVariables.read(sources.environment(), Settings.ALL, problems)
        .forEach(reading::accept);
    sources.flags().forEach((key, value) -> reading.accept(key, new RawValue(value, COMMAND_LINE)));
    TaskerEnvironment.read(sources.environment(), reading.raw).forEach(reading::accept);
    return reading.raw;
  }

  private static @Nullable Path file(ConfigSources sources) {
    var named = sources.environment().get(EnvironmentVariables.CONFIG_FILE);
    return sources.file() == null && named != null ? ProcessText.path(named) : sources.file();
  }

  private void accept(String key, RawValue value) {
    var setting = SETTINGS.get(key);
    if (setting == null) {
      problems.add(
          new Problem(
              value.origin(),
              SettingTypes.printable(key),
              EnvironmentVariables.unknownSetting(key, SETTINGS.keySet())));
      return;
    }
    var kind = setting.kind();
    if (kind.parse().apply(value.text()).isPresent()) {
      raw.put(key, value);
    } else {
      var hint = kind.equals(SettingTypes.PATH) ? ProcessText.fileNameHint(value.text()) : "";
      problems.add(value.problem(setting, "must be " + kind.allowed() + hint));
    }
  }
}
