package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Holds;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.component.ComponentValidator;
import org.wasmbroker.sandbox.component.ValidatedComponent;
import org.wasmbroker.sandbox.component.ValidatedComponent.Export;
import org.wasmbroker.sandbox.host.GuestKind;
import org.wasmbroker.sandbox.wasmtime.Compiler.Compiled;
import org.wasmbroker.step.Digest;

/** A component whose core modules are compiled. Freed once it is closed and its last run ended. */
final class WasmtimeComponent implements CompiledModule {
  private final WasmtimeEngine engine;
  private final Digest digest;
  private final ValidatedComponent validated;
  private final Limits limits;
  private final List<Compiled> modules;
  private final Arena arena = Arena.ofShared();

  /** A {@code wasm_functype_t} for each function of the host that it gets. */
  private final long[] functionTypes;

  private final Map<Export, ExportNames.Name> names = new HashMap<>();
  private final int mostImports;

  private final Holds holds;

  private WasmtimeComponent(
      WasmtimeEngine engine,
      Digest digest,
      ValidatedComponent validated,
      Limits limits,
      List<Compiled> modules) {
    this.engine = engine;
    this.digest = digest;
    this.holds = new Holds("component " + digest, this::free);
    this.validated = validated.forRuns();
    this.limits = limits;
    this.modules = List.copyOf(modules);
    this.functionTypes =
        validated.functions().stream()
            .mapToLong(
                function ->
                    HostLinker.type(
                        engine.lib(), arena, function.type().params(), function.type().results()))
            .toArray();
    int most = 0;
    for (var instance : validated.instances()) {
      most = Math.max(most, instance.imports().size());
      for (var one : instance.imports()) {
        if (one instanceof Export export) {
          addName(export);
        }
      }
    }
    this.mostImports = most;
    validated.functions().forEach(function -> addName(function.realloc()));
    addName(validated.memory());
    validated.entry().exports().forEach(this::addName);
  }

  /**
   * Compiles each of its core modules.
   *
   * @throws org.wasmbroker.sandbox.ModuleRefusedException if one of them is refused
   */
  static WasmtimeComponent compile(
      WasmtimeEngine engine,
      Compiler compiler,
      WasmBinary wasm,
      ValidatedComponent validated,
      Limits limits) {
    var modules = new ArrayList<Compiled>();
    try {
      for (var module : validated.modules()) {
        modules.add(compiler.loadOrCompile(module));
      }
      return new WasmtimeComponent(engine, wasm.digest(), validated, limits, modules);
    } catch (Throwable failure) {
      modules.forEach(module -> engine.lib().call("wasmtime_module_delete", module.module()));
      throw failure;
    }
  }

  private void addName(@Nullable Export export) {
    if (export != null) {
      names.computeIfAbsent(export, added -> ExportNames.Name.of(added.name(), arena));
    }
  }

  @Override
  public Digest digest() {
    return digest;
  }

  /** That of its core modules together; null if the code of all was in a cache. */
  @Override
  public @Nullable Duration compilation() {
    return modules.stream()
        .map(Compiled::took)
        .filter(Objects::nonNull)
        .reduce(Duration::plus)
        .orElse(null);
  }

  @Override
  public long codeBytes() {
    return modules.stream().mapToLong(Compiled::codeBytes).sum();
  }

  @Override
  public void requireStartsWithin(Limits atStart) {
    ComponentValidator.requireStartsWithin(
        validated.initialMemoryBytes(), validated.initialTableElements(), atStart);
  }

  @Override
  public Map<String, String> neededFunctions() {
    return validated.needs();
  }

  @Override
  public boolean hold() {
    return holds.take();
  }

  @Override
  public void unhold() {
    holds.release();
  }

  @Override
  public boolean isCommand() {
    return validated.kind() == GuestKind.COMMAND;
  }

  ValidatedComponent validated() {
    return validated;
  }

  /** The {@code wasmtime_module_t} at a place. */
  long module(int index) {
    return modules.get(index).module();
  }

  long functionType(int index) {
    return functionTypes[index];
  }

  ExportNames.Name name(Export export) {
    return Objects.requireNonNull(names.get(export));
  }

  /** How many imports the instance has that has most. */
  int mostImports() {
    return mostImports;
  }

  @Override
  public InvocationResult run(Invocation invocation) {
    invocation.limits().requireWithin(limits);
    if (invocation.image() != null) {
      throw new IllegalArgumentException("a component has no images");
    }
    holds.require();
    try {
      return engine.run(this, invocation);
    } finally {
      holds.release();
    }
  }

  @Override
  public void close() {
    holds.close();
  }

  private void free() {
    for (long type : functionTypes) {
      engine.lib().call("wasm_functype_delete", type);
    }
    modules.forEach(module -> engine.lib().call("wasmtime_module_delete", module.module()));
    arena.close();
    engine.unregister(this);
  }
}
