package org.wasmbroker.capability;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.wasmbroker.step.Document;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * That a handler is a command that knows nothing of step documents, and what it is told of its
 * environment.
 *
 * @param isCommand whether it has arguments, standard streams and an exit code
 * @param environment the names of the variables that it may be given besides {@link
 *     #WORKING_DIRECTORY}
 */
public record CommandGrant(boolean isCommand, Set<String> environment) {
  public static final CommandGrant NONE = new CommandGrant(false, Set.of());

  /** The variable with the directory in which paths begin; every command may be given it. */
  public static final String WORKING_DIRECTORY = "PWD";

  /** Of the capability, and of its member in a summary of grants. */
  static final String NAME = "command";

  static final String VARIABLES = "environment";

  private static final JsonMapper JSON = new JsonMapper();

  public CommandGrant {
    environment = Set.copyOf(environment);
  }

  /**
   * What a receipt's summary of grants says of it.
   *
   * @throws IllegalArgumentException if the summary is none
   */
  public static CommandGrant ofSummary(Document grants) {
    try {
      var command = JSON.readTree(grants.bytes()).path(NAME);
      var names = new HashSet<String>();
      command.path(VARIABLES).forEach(name -> names.add(name.asString()));
      return new CommandGrant(command.isObject(), names);
    } catch (JacksonException invalid) {
      throw new IllegalArgumentException("not a summary of grants", invalid);
    }
  }

  /** Whether a step may give it this variable. */
  public boolean allows(String variable) {
    return variable.equals(WORKING_DIRECTORY) || environment.contains(variable);
  }

  /** The names in their order. */
  public List<String> names() {
    return List.copyOf(new TreeSet<>(environment));
  }

  /** Such as {@code with the variables LANG, TZ}. */
  String describe() {
    return environment.isEmpty()
        ? "without variables"
        : "with the variables " + String.join(", ", names());
  }
}
