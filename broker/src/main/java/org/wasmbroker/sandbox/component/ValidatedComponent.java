package org.wasmbroker.sandbox.component;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.FunctionType;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.GrowthProbe;
import org.wasmbroker.sandbox.host.GuestKind;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.step.Document;

/**
 * A validated component, and what an engine needs to run it: it makes the instances in their order,
 * and then has the {@link Runner} of the entry call them.
 *
 * @param modules what the engine compiles, that which defines the memory with a growth probe if
 *     possible
 * @param instances in the order in which they are made
 * @param functions those that instances get from the host
 * @param memory what exports the memory; null if it has none
 * @param probe reports after a run whether the memory limit prevented growth
 * @param initialMemoryBytes the size of the memory before the guest grows it
 * @param tables how many tables its instances define
 * @param initialTableElements the elements of all tables before the guest grows them
 * @param needs the names of the broker's own functions that have to be granted, and what it imports
 *     of each
 * @param content what it carries beside its code; null for nothing
 */
public record ValidatedComponent(
    GuestKind kind,
    List<WasmBinary> modules,
    List<Instance> instances,
    List<Function> functions,
    Entry entry,
    @Nullable Export memory,
    Optional<GrowthProbe> probe,
    long initialMemoryBytes,
    int tables,
    long initialTableElements,
    Map<String, String> needs,
    @Nullable Document content) {

  public ValidatedComponent {
    modules = List.copyOf(modules);
    instances = List.copyOf(instances);
    functions = List.copyOf(functions);
    needs = Map.copyOf(needs);
  }

  /** The same without the binaries of the modules, once they are compiled. */
  public ValidatedComponent forRuns() {
    return new ValidatedComponent(
        kind,
        List.of(),
        instances,
        functions,
        entry,
        memory,
        probe.map(compiled -> new GrowthProbe(new WasmBinary(new byte[0]), compiled.declared())),
        initialMemoryBytes,
        tables,
        initialTableElements,
        needs,
        content);
  }

  /**
   * An instance of a core module.
   *
   * @param module its place in {@link ValidatedComponent#modules}
   * @param imports what it gets, in the order of the module's imports
   */
  public record Instance(int module, List<Import> imports) {
    public Instance {
      imports = List.copyOf(imports);
    }
  }

  /** What an instance gets. */
  public sealed interface Import {}

  /** An export of an earlier instance. */
  public record Export(int instance, String name) implements Import {}

  /** A function of the host, by its place in {@link ValidatedComponent#functions}. */
  public record HostImport(int function) implements Import {}

  /**
   * A function of the host as one instance gets it.
   *
   * @param realloc the function of type {@link Guest#REALLOC} that gives it memory for results;
   *     null if it needs none
   */
  public record Function(FunctionType type, @Nullable Export realloc, HostBody body) {}

  /** What a function of the host does, in terms of core values. */
  @FunctionalInterface
  public interface HostBody {
    /**
     * @return the core result; anything of a function without one
     * @throws GuestStoppedException when the guest must not continue
     */
    long call(Guest guest, CoreArguments arguments) throws GuestStoppedException;
  }

  /** The core arguments of a call; one of 32 bits in its low half. */
  @FunctionalInterface
  public interface CoreArguments {
    long get(int index);
  }

  /**
   * The exported function that is run.
   *
   * @param realloc what gives memory for the step document; null for a command
   * @param exports all that the runner and the host call
   */
  public record Entry(@Nullable Export realloc, List<Export> exports, Runner runner) {
    public Entry {
      exports = List.copyOf(exports);
    }
  }

  /** Passes a step to an instance and takes the result from it. */
  @FunctionalInterface
  public interface Runner {
    /**
     * Calls the exported function.
     *
     * @return the exit code
     * @throws GuestStoppedException if the guest does not return
     */
    int run(Callable guest) throws GuestStoppedException;
  }

  /** A component's instance whose exports can be called. */
  public interface Callable extends Guest {
    /**
     * Calls a core function.
     *
     * @return its result; anything of a function without one
     * @throws GuestStoppedException if it does not return
     */
    long call(Export function, long... arguments) throws GuestStoppedException;
  }
}
