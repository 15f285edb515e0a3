package org.wasmbroker.capability;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.node.ObjectNode;

/**
 * Being a command: arguments, environment, standard streams and an exit code in place of a step
 * document and a result document. It has no host function of its own, as commands use those of
 * WASI. That a handler is a command is its manifest's to say; the policy grants the variables.
 */
final class CommandCapability implements Capability<CommandGrant, Set<String>, CommandGrant> {
  private static final String VARIABLES = CommandGrant.VARIABLES;
  private static final int MAX_VARIABLES = 100;
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");

  @Override
  public String name() {
    return CommandGrant.NAME;
  }

  @Override
  public List<HostFunction> functions() {
    return List.of();
  }

  @Override
  public boolean isBasic() {
    return false;
  }

  @Override
  public CommandGrant readRequest(ObjectReader capabilities) {
    if (!capabilities.has(name())) {
      return CommandGrant.NONE;
    }
    var section = capabilities.object(name());
    var variables =
        section.array(
            VARIABLES,
            MAX_VARIABLES,
            value -> Optional.ofNullable(value.parse(CommandCapability::variable)));
    section.finish();
    return new CommandGrant(true, new HashSet<>(variables));
  }

  /** The name of a variable as manifests, policies and steps may have it. */
  static String variable(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "must be a variable's name of at most 128 letters, digits and '_', was '"
              + SafeText.sanitize(text, 60)
              + "'");
    }
    return text;
  }

  @Override
  public CommandGrant defaultRequest() {
    return CommandGrant.NONE;
  }

  @Override
  public RuleReader<Set<String>> readPolicy(ObjectReader root) {
    return rule -> Set.copyOf(new HashSet<>(rule.values(VARIABLES, CommandCapability::variable)));
  }

  @Override
  public Set<String> merge(List<Set<String>> rules) {
    var all = new HashSet<String>();
    rules.forEach(all::addAll);
    return Set.copyOf(all);
  }

  @Override
  public CommandGrant intersect(CommandGrant requested, Set<String> permitted) {
    var both = new HashSet<>(requested.environment());
    both.retainAll(permitted);
    return new CommandGrant(requested.isCommand(), both);
  }

  @Override
  public boolean isEffective(CommandGrant granted) {
    return granted.isCommand();
  }

  @Override
  public String grantedBy() {
    return "its manifest; its variables by their names in environment";
  }

  @Override
  public void explain(CommandGrant requested, Set<String> permitted, Consumer<String> differences) {
    new TreeSet<>(requested.environment())
        .stream()
            .filter(name -> !permitted.contains(name))
            .forEach(
                name ->
                    differences.accept(
                        "the variable %s is requested, but no applicable rule has it in environment"
                            .formatted(name)));
    new TreeSet<>(permitted)
        .stream()
            .filter(name -> !requested.environment().contains(name))
            .forEach(
                name ->
                    differences.accept(
                        "the variable %s is granted but not requested by the manifest"
                            .formatted(name)));
  }

  @Override
  public Map<String, ?> describeRequest(CommandGrant requested) {
    return described(requested);
  }

  @Override
  public void describeAdded(CommandGrant before, CommandGrant after, Consumer<String> added) {
    if (after.isCommand() && !before.isCommand()) {
      added.accept("being run as a command");
    }
    after.names().stream()
        .filter(name -> !before.environment().contains(name))
        .forEach(name -> added.accept("the variable " + name));
  }

  @Override
  public Map<String, ?> describePermit(Set<String> permitted) {
    return permitted.isEmpty()
        ? Map.of()
        : Map.of(VARIABLES, List.copyOf(new TreeSet<>(permitted)));
  }

  @Override
  public Map<String, ?> describeGrant(CommandGrant granted) {
    return described(granted);
  }

  private Map<String, ?> described(CommandGrant command) {
    return command.isCommand() ? Map.of(name(), command.describe()) : Map.of();
  }

  @Override
  public void summarize(CommandGrant granted, ObjectNode receipt) {
    if (granted.isCommand()) {
      var variables = receipt.putObject(name()).putArray(VARIABLES);
      granted.names().forEach(variables::add);
    }
  }

  /** What a command is given is all in its step. */
  @Override
  public @Nullable Opener<CommandGrant> opener() {
    return (granted, context) -> StepCommand.of(granted, context.step());
  }
}
