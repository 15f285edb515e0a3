package org.wasmbroker.capability;

import static java.util.stream.Collectors.toUnmodifiableSet;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.GuestTime;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;

/** A table of capabilities. Immutable. */
public final class Capabilities {
  /** What the broker has, in the order of {@code docs/guest-abi.md}. */
  public static final Capabilities STANDARD =
      new Capabilities(
          List.of(
              new InputCapability(),
              new OutputCapability(),
              new LogCapability(),
              new TimeCapability(),
              new HttpCapability(),
              new SecretsCapability()));

  private final List<Capability> all;
  private final HostFunctionTable functions;

  public Capabilities(List<Capability> all) {
    this.all = List.copyOf(all);
    this.functions =
        new HostFunctionTable(
            all.stream().flatMap(capability -> capability.functions().stream()).toList());
  }

  /** Every function that a guest may import. */
  public HostFunctionTable functions() {
    return functions;
  }

  /** The names of the broker's own functions. */
  public Set<String> functionNames() {
    return functionNames(_ -> true);
  }

  /** The names of the functions that every handler has unless the policy takes them away. */
  public Set<String> basicFunctionNames() {
    return functionNames(Capability::isBasic);
  }

  private Set<String> functionNames(Predicate<Capability> which) {
    return all.stream()
        .filter(which)
        .flatMap(capability -> capability.functions().stream())
        .map(HostFunction::name)
        .collect(toUnmodifiableSet());
  }

  /** The basic functions, and nothing else. */
  public Access basicAccess() {
    return new Access(basicFunctionNames(), List.of(GuestTime.of(Duration.ZERO)));
  }
}
