package org.wasmbroker.config;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Environment variables of Tasker's own programs, as set in an existing installation. A Tasker
 * worker reads them too, for settings that are not configured otherwise; a standalone broker does
 * not, because other programs also use {@code DATABASE_URL}.
 */
final class TaskerEnvironment {
  private static final Map<String, Setting<?>> SETTINGS =
      Map.of(
          "DATABASE_URL", DatabaseSettings.URL,
          "PGMQ_DATABASE_URL", TaskerSettings.QUEUE_URL,
          "TASKER_TEMPLATE_PATH", TaskerSettings.TEMPLATES);

  private TaskerEnvironment() {}

  /** Adds their values to those already configured. For Tasker, empty means not set. */
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
