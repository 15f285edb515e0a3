package org.wasmbroker.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.NearestName;

/** Gathers what all sources give; what remains is known by key and allowed by kind. */
final class Reading {
  private static final Map<String, Setting<?>> SETTINGS =
      Settings.ALL.stream().collect(Collectors.toMap(Setting::key, setting -> setting));

  private final List<Problem> problems;
  private final Map<String, Given> given = new LinkedHashMap<>();

  private Reading(List<Problem> problems) {
    this.problems = problems;
  }

  /** What is given, by key; what is wrong with it is added to the problems. */
  static Map<String, Given> of(ConfigSources sources, List<Problem> problems) {
    var reading = new Reading(problems);
    var file = file(sources);
    if (file != null) {
      ConfigFile.read(file, Settings.LISTS, problems).forEach(reading::accept);
    }
    EnvironmentVariables.read(sources.environment(), Settings.ALL, problems)
        .forEach(reading::accept);
    sources.flags().forEach((key, value) -> reading.accept(key, new Given(value, "command line")));
    TaskersVariables.read(sources.environment(), reading.given).forEach(reading::accept);
    return reading.given;
  }

  private static @Nullable Path file(ConfigSources sources) {
    var named = sources.environment().get(EnvironmentVariables.FILE);
    return sources.file() == null && named != null ? Path.of(named) : sources.file();
  }

  private void accept(String key, Given value) {
    var setting = SETTINGS.get(key);
    if (setting == null) {
      problems.add(new Problem(Kinds.cut(key), value.origin(), unknown(key)));
      return;
    }
    var kind = setting.kind();
    if (kind.parse().apply(value.text()).isPresent()) {
      given.put(key, value);
    } else {
      problems.add(Problem.of(setting, value, "must be " + kind.allowed()));
    }
  }

  private static String unknown(String key) {
    return EnvironmentVariables.unknownMessage(NearestName.of(key, SETTINGS.keySet()));
  }
}
