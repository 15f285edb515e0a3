package org.wasmbroker.capability;

import static java.util.stream.Collectors.toUnmodifiableSet;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.GuestTime;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.url.Destination;

/** A table of capabilities. Immutable. */
public final class Capabilities {
  public static final Capability<?, ?, Duration> TIME = new TimeCapability();
  public static final Capability<List<Destination>, List<DestinationGrant>, HttpGrants> HTTP =
      new HttpCapability();
  public static final Capability<
          SecretRequest, Map<SecretName, SecretGrant>, Map<SecretName, SecretGrant>>
      SECRETS = new SecretsCapability();
  public static final Capability<NewSteps, NewSteps, NewSteps> NEW_STEPS = new NewStepsCapability();
  public static final Capability<Boolean, CacheGrant, CacheGrant> CACHE = new CacheCapability();
  public static final Capability<CommandGrant, Set<String>, CommandGrant> COMMAND =
      new CommandCapability();
  public static final Capability<FilesRequest, FilesPermit, FilesGrant> FILES =
      new FilesCapability();

  /** The broker's capabilities, in the order of {@code docs/guest-abi.md}. */
  public static final Capabilities STANDARD =
      new Capabilities(
          List.of(
              new InputCapability(),
              new OutputCapability(),
              new LogCapability(),
              TIME,
              HTTP,
              SECRETS,
              new ContentCapability(),
              NEW_STEPS,
              CACHE,
              FILES,
              COMMAND));

  private final List<Capability<?, ?, ?>> all;
  private final HostFunctionTable functions;
  private final Set<String> basicFunctions;

  public Capabilities(List<Capability<?, ?, ?>> all) {
    this.all = List.copyOf(all);
    this.functions =
        new HostFunctionTable(
            all.stream().flatMap(capability -> capability.functions().stream()).toList());
    this.basicFunctions =
        all.stream()
            .filter(Capability::isBasic)
            .flatMap(capability -> namesOf(capability).stream())
            .collect(toUnmodifiableSet());
  }

  public List<Capability<?, ?, ?>> all() {
    return all;
  }

  /** Every function that a guest may import. */
  public HostFunctionTable functions() {
    return functions;
  }

  /** The names of a capability's functions. */
  public static List<String> namesOf(Capability<?, ?, ?> capability) {
    return capability.functions().stream().map(HostFunction::name).toList();
  }

  /** Whether any of the capability's functions is among the names. */
  public static boolean isAnyFunctionIn(Set<String> names, Capability<?, ?, ?> capability) {
    var functions = capability.functions();
    for (int i = 0; i < functions.size(); i++) {
      if (names.contains(functions.get(i).name())) {
        return true;
      }
    }
    return false;
  }

  /** The names of the broker's own functions, in their order. */
  public List<String> functionNames() {
    return all.stream().flatMap(capability -> namesOf(capability).stream()).toList();
  }

  /** The names of the functions that every handler has unless the policy withdraws them. */
  public Set<String> basicFunctions() {
    return basicFunctions;
  }

  /** The names in the order of the table. */
  public List<String> ordered(Collection<String> names) {
    return functionNames().stream().filter(names::contains).toList();
  }

  /** The capability that a function belongs to. */
  public Optional<Capability<?, ?, ?>> ofFunction(String name) {
    for (var capability : all) {
      if (namesOf(capability).contains(name)) {
        return Optional.of(capability);
      }
    }
    return Optional.empty();
  }

  /** The basic functions, and nothing else. */
  public Access basicAccess() {
    return new Access(basicFunctions, List.of(GuestTime.of(Duration.ZERO)));
  }
}
