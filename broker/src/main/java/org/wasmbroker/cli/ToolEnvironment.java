package org.wasmbroker.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasmbroker.capability.CommandGrant;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.step.SafeText;

/**
 * The variables that a person gives a command.
 *
 * @param variables by name
 */
record ToolEnvironment(Map<String, String> variables) {
  /**
   * Of the options.
   *
   * @param options each {@code NAME=VALUE}, or the name of one of this process
   * @param directory the working directory, unless the options have one
   */
  static ToolEnvironment of(List<String> options, String directory) {
    var variables = new LinkedHashMap<String, String>();
    variables.put(CommandGrant.WORKING_DIRECTORY, directory);
    for (var option : options) {
      int equals = option.indexOf('=');
      var name = equals < 0 ? option : option.substring(0, equals);
      if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
        throw new UsageException(
            "--env must be NAME or NAME=VALUE, was '" + SafeText.sanitize(option, 100) + "'");
      }
      var value = equals < 0 ? ProcessText.environment().get(name) : option.substring(equals + 1);
      if (value == null) {
        throw new UsageException(
            "--env %s: this process has no such variable; write %s=VALUE".formatted(name, name));
      }
      variables.put(name, value);
    }
    return new ToolEnvironment(variables);
  }

  Set<String> names() {
    return variables.keySet();
  }

  /** As {@code NAME=value}. */
  List<String> values() {
    return variables.entrySet().stream()
        .map(each -> each.getKey() + "=" + each.getValue())
        .toList();
  }
}
