package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.Config;
import java.util.EnumMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.wasmbroker.sandbox.CompileLimits;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape;
import org.wasmbroker.sandbox.host.HostClocks;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.sandbox.host.ModuleValidator;
import org.wasmbroker.step.EngineInfo;

/**
 * The engine based on wasmtime-java. A run waits if no slot is free. Differences from the default
 * engine:
 *
 * <ul>
 *   <li>memory is at most 2 GiB minus one page, the maximum that the library can expose to Java;
 *   <li>a run is limited to 100,000 host calls: the library keeps their arguments until the run
 *       ends;
 *   <li>instructions cannot be counted;
 *   <li>modules are compiled in this process, on threads of their own, without limits on time and
 *       memory;
 *   <li>traps have no backtrace;
 *   <li>compiled modules do not outlive the engine, whatever {@link EngineConfig#compileCache()}
 *       says, because the library cannot verify what it loads;
 *   <li>the stack size of the calling thread is not checked: it must be at least {@link
 *       EngineConfig#threadStackBytes()};
 *   <li>each imported host function costs a run more than a hundred microseconds, since the library
 *       defines host functions for each store.
 * </ul>
 */
public final class WasmtimeJavaEngine implements Engine {
  private static final long MAX_MEMORY = (2L << 30) - ModuleShape.PAGE_BYTES;

  /**
   * The library keeps the arguments and results of host calls until the run ends, nearly 200 bytes
   * per call on and off the heap. This bounds how much memory a hostile guest can use that way.
   */
  private static final long MAX_HOST_CALLS = 100_000;

  private final EngineInfo info;
  private final ModuleValidator validator;
  private final long maxMemoryBytes;
  private final CompileCache cache;

  /** Slots create their engines from it when they are first used. */
  private final Config settings;

  private final Slots slots;
  private final FirstCompiler compiler;
  private final HostFunctionTable functions;
  private final HostClocks clocks;
  private final Set<SlottedModule> modules = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Loads the library and creates an engine.
   *
   * @throws EngineUnavailableException if the library cannot be used on this machine
   */
  public static WasmtimeJavaEngine start(EngineConfig config, HostFunctionTable functions) {
    return new WasmtimeJavaEngine(config, functions, HostClocks.SYSTEM);
  }

  /** The highest value of a limit that this engine can enforce. */
  public static long maximum(LimitKind limit) {
    return switch (limit) {
      case MEMORY -> MAX_MEMORY;
      case HOST_CALLS -> MAX_HOST_CALLS;
      case FUEL -> 0;
      default -> limit.maximum();
    };
  }

  private WasmtimeJavaEngine(EngineConfig config, HostFunctionTable functions, HostClocks clocks) {
    if (config.memoryBytes() > MAX_MEMORY) {
      throw new IllegalArgumentException(
          "engine wasmtime-java: engine.memory must be at most %d bytes, was %d"
              .formatted(MAX_MEMORY, config.memoryBytes()));
    }
    if (config.fuel()) {
      throw new IllegalArgumentException(
          "engine wasmtime-java cannot count instructions: engine.fuel must be false");
    }
    info = new EngineInfo("wasmtime-java", NativeLibrary.load());
    validator = new ModuleValidator(config.moduleBytes(), functions.all());
    this.functions = functions;
    this.clocks = clocks;
    maxMemoryBytes = config.memoryBytes();
    cache = new CompileCache();
    settings = new Config();
    try {
      settings
          .epochInterruption(true)
          .maxWasmStack(config.stackBytes())
          .wasmThreads(false)
          .cacheConfigLoad(cache.config());
      compiler = new FirstCompiler(concurrency(config), settings);
      slots = new Slots(config.slots(), settings, config.tick());
    } catch (RuntimeException | Error failed) {
      settings.close();
      cache.close();
      throw failed;
    }
  }

  private static int concurrency(EngineConfig config) {
    var limits = config.compile();
    return (limits == null ? CompileLimits.DEFAULTS : limits).concurrency();
  }

  @Override
  public EngineInfo info() {
    return info;
  }

  /** Memory and table limits are part of the code. */
  @Override
  public Limits compileLimits(Limits limits) {
    requireEnforceable(limits);
    var compiled = new EnumMap<LimitKind, Long>(LimitKind.class);
    for (var limit : LimitKind.of(LimitKind.Scope.RUN)) {
      compiled.put(limit, Math.min(limit.defaultValue(), maximum(limit)));
    }
    return new Limits(compiled)
        .withMemoryBytes(limits.memoryBytes())
        .with(LimitKind.TABLE_ELEMENTS, limits.tableElements());
  }

  @Override
  public CompiledModule compile(WasmBinary wasm, Limits limits) {
    if (closed.get()) {
      throw new IllegalStateException("the engine is closed");
    }
    requireEnforceable(limits);
    var prepared = PreparedModule.of(functions, wasm, validator.validate(wasm, limits));
    var module = new SlottedModule(prepared, limits, slots, info, clocks, modules::remove);
    module.compile(compiler);
    modules.add(module);
    return module;
  }

  private void requireEnforceable(Limits limits) {
    if (limits.memoryBytes() > maxMemoryBytes) {
      throw new IllegalArgumentException(
          "limits.memory is %d bytes, but the engine was configured for at most %d"
              .formatted(limits.memoryBytes(), maxMemoryBytes));
    }
    for (var limit : LimitKind.of(LimitKind.Scope.RUN)) {
      if (limits.of(limit) > maximum(limit)) {
        throw new IllegalArgumentException(
            "engine wasmtime-java can enforce %s up to %s, not %s"
                .formatted(
                    limit.key(),
                    limit.unit().format(maximum(limit)),
                    limit.unit().format(limits.of(limit))));
      }
    }
  }

  /**
   * Waits for the runs in progress, which end at their deadlines at the latest, but not for
   * compilations.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      compiler.close();
      slots.close();
      modules.forEach(SlottedModule::close);
      settings.close();
      cache.close();
    }
  }
}
