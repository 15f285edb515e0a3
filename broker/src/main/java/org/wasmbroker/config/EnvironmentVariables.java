package org.wasmbroker.config;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.Problem;
import org.wasmbroker.secret.SecretsConfig;

/** Reads the environment variables that start with {@link Setting#PREFIX}. */
final class EnvironmentVariables {
  static final String CONFIG_FILE = Setting.PREFIX + "CONFIG";

  /** Read by the launcher and the tests. */
  private static final Set<String> IGNORED =
      Set.of(CONFIG_FILE, Setting.PREFIX + "JAVA_OPTS", Setting.PREFIX + "TEST_DATABASE_URL");

  /** Variables that Kubernetes sets in every pod for a service named {@code wasm-broker}. */
  private static final Pattern KUBERNETES =
      Pattern.compile(
          Setting.PREFIX
              + "(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT|PORT_[0-9]+_(TCP|UDP|SCTP)(_.*)?)");

  private EnvironmentVariables() {}

  /** The settings in the environment, by key; unknown variables are collected as problems. */
  static Map<String, RawValue> read(
      Map<String, String> environment, Collection<Setting<?>> settings, List<Problem> problems) {
    var byVariable =
        settings.stream().collect(Collectors.toMap(Setting::environmentVariable, Setting::key));
    var found = new LinkedHashMap<String, RawValue>();
    new TreeMap<>(environment)
        .forEach(
            (variable, value) -> {
              var key = byVariable.get(variable);
              if (key != null) {
                found.put(key, new RawValue(value, location(variable)));
              } else if (isOurs(variable)) {
                problems.add(unknown(variable, byVariable.keySet()));
              }
            });
    return found;
  }

  private static boolean isOurs(String variable) {
    return variable.startsWith(Setting.PREFIX)
        && !variable.startsWith(SecretsConfig.DEFAULTS.environmentPrefix())
        && !IGNORED.contains(variable)
        && !KUBERNETES.matcher(variable).matches();
  }

  static Location location(String variable) {
    return Location.of("environment variable " + variable);
  }

  private static Problem unknown(String variable, Collection<String> known) {
    return new Problem(
        Location.of("environment"),
        SettingTypes.printable(variable),
        unknownSetting(variable, known));
  }

  /** The message for an unknown setting; there are too many settings to list them. */
  static String unknownSetting(String name, Collection<String> known) {
    var nearest = Names.nearest(name, known);
    return "is unknown"
        + (nearest.isEmpty() ? "; docs/configuration.md lists all settings" : nearest);
  }
}
