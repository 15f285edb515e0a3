package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.Config;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
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
 * Runs guests on wasmtime-java. A run beyond the slots waits for one of them to be free. What this
 * engine does otherwise than the contract's default one:
 *
 * <ul>
 *   <li>memory is at most 2 GiB less one page, the most that the library can show to Java;
 *   <li>a run may be granted 100,000 host calls at most: the library keeps their arguments until
 *       the run ends;
 *   <li>instructions cannot be counted;
 *   <li>a trap comes without a backtrace;
 *   <li>compiled modules are kept for the life of the engine only, whatever {@link
 *       EngineConfig#compileCache()} says: the library cannot be told to check what it loads;
 *   <li>the stack of the calling thread is not measured: it must have {@link
 *       EngineConfig#threadStackBytes()};
 *   <li>each imported host function costs a run more than a hundred microseconds, since the library
 *       defines them anew for each store.
 * </ul>
 */
public final class WasmtimeJavaEngine implements Engine {
  private static final long MAX_MEMORY = (2L << 30) - ModuleShape.PAGE_BYTES;

  /**
   * The library keeps what passes between guest and host, nearly 200 bytes a call on the heap and
   * off it, until the run ends. This bounds what a hostile guest can make of that.
   */
  private static final long MAX_HOST_CALLS = 100_000;

  private final EngineInfo info;
  private final ModuleValidator admission;
  private final long memoryBytes;
  private final CompileCache cache;
  private final Slots slots;
  private final HostFunctionTable functions;
  private final HostClocks clocks;
  private final Set<SlottedModule> modules = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Loads the library and makes an engine.
   *
   * @throws EngineUnavailableException if this machine cannot use the library
   */
  public static WasmtimeJavaEngine start(EngineConfig config, HostFunctionTable functions) {
    return new WasmtimeJavaEngine(config, functions, HostClocks.SYSTEM);
  }

  /** The highest value of a limit that this engine can hold a guest to. */
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
    admission = new ModuleValidator(config.moduleBytes(), functions.all());
    this.functions = functions;
    this.clocks = clocks;
    memoryBytes = config.memoryBytes();
    cache = new CompileCache();
    slots = slots(config, cache);
  }

  private static Slots slots(EngineConfig config, CompileCache cache) {
    try (var settings = new Config()) {
      settings
          .epochInterruption(true)
          .maxWasmStack(config.stackBytes())
          .wasmThreads(false)
          .cacheConfigLoad(cache.config());
      return new Slots(config.slots(), settings, config.tick());
    } catch (RuntimeException | Error failed) {
      cache.close();
      throw failed;
    }
  }

  @Override
  public EngineInfo info() {
    return info;
  }

  @Override
  public CompiledModule compile(WasmBinary wasm, Limits limits) {
    if (closed.get()) {
      throw new IllegalStateException("the engine is closed");
    }
    if (limits.memoryBytes() > memoryBytes) {
      throw new IllegalArgumentException(
          "limits.memory is %d bytes, the engine was made for at most %d"
              .formatted(limits.memoryBytes(), memoryBytes));
    }
    for (var limit : LimitKind.of(LimitKind.Scope.RUN)) {
      if (limits.of(limit) > maximum(limit)) {
        throw new IllegalArgumentException(
            "engine wasmtime-java can hold a guest to %s of %s at most, not to %s"
                .formatted(
                    limit.key(),
                    limit.unit().format(maximum(limit)),
                    limit.unit().format(limits.of(limit))));
      }
    }
    var prepared = PreparedModule.of(functions, wasm, admission.validate(wasm, limits));
    var module = new SlottedModule(prepared, limits, slots, info, clocks, modules::remove);
    module.validate();
    modules.add(module);
    return module;
  }

  /** Waits for the runs under way, which their deadlines end. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      slots.close();
      modules.forEach(SlottedModule::close);
      cache.close();
    }
  }
}
