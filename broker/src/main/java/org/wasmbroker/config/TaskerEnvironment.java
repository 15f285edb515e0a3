package org.wasmbroker.config;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Variables that Tasker's own programs take, as they stand in the environment of an existing
 * installation. A worker of Tasker takes them too, where nothing else gives those settings; a
 * standalone broker does not, since others have a {@code DATABASE_URL} as well.
 */
final class TaskerEnvironment {
  private static final Map<String, Setting<?>> SETTINGS =
      Map.of(
          "DATABASE_URL", DatabaseSettings.URL,
          "PGMQ_DATABASE_URL", TaskerSettings.QUEUE_URL,
          "TASKER_TEMPLATE_PATH", TaskerSettings.TEMPLATES);

  private TaskerEnvironment() {}

  /** What they give beside what was given already. To Tasker, empty means not given. */
  static Map<String, RawValue> read(Map<String, String> environment, Map<String, RawValue> raw) {
    var found = new LinkedHashMap<String, RawValue>();
    if (isForTasker(raw)) {
      SETTINGS.forEach(
          (variable, setting) -> {
            var value = environment.getOrDefault(variable, "");
            if (!value.isEmpty() && !raw.containsKey(setting.key())) {
              found.put(
                  setting.key(), new RawValue(value, EnvironmentVariables.location(variable)));
            }
          });
    }
    return found;
  }

  private static boolean isForTasker(Map<String, RawValue> raw) {
    var protocol = raw.get(ProtocolSettings.PROTOCOL.key());
    return protocol != null && protocol.text().equals("tasker");
  }
}
