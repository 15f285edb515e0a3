package org.wasmbroker.sandbox.wasmtime;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.Preparation;
import org.wasmbroker.sandbox.PreparationResult;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.component.ComponentBinary;
import org.wasmbroker.sandbox.component.ComponentFunctions;
import org.wasmbroker.sandbox.component.ComponentValidator;
import org.wasmbroker.sandbox.host.HostClocks;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.sandbox.host.ModuleValidator;
import org.wasmbroker.sandbox.host.RunState;
import org.wasmbroker.sandbox.host.ValidatedModule;
import org.wasmbroker.sandbox.wasmtime.Compiler.Compiled;
import org.wasmbroker.step.EngineInfo;

/**
 * The engine based on libwasmtime. At most as many guests run concurrently as there are slots;
 * further runs wait for a slot, and their time starts once they have one.
 */
public final class WasmtimeEngine implements Engine {
  private static final Logger log = LoggerFactory.getLogger(WasmtimeEngine.class);

  private final EngineConfig config;
  private final HostFunctionTable functions;
  private final EngineInfo info;
  private final LibWasmtime lib;
  private final ErrorReader errors;
  private final Arena arena = Arena.ofShared();
  private final ExportNames names = new ExportNames(arena);
  private final ModuleValidator validator;
  private final ComponentValidator componentValidator;
  private final long engine;
  private final Compiler compiler;
  private final SharedCode sharedCode = new SharedCode();
  private final Slots slots;
  private final Upcalls upcalls;
  private final long tickCallback;
  private final long componentCallback;
  private final HostLinker linker;
  private final Ticker ticker;
  private final Set<CompiledModule> modules = ConcurrentHashMap.newKeySet();
  private final ThreadLocal<Boolean> stackChecked = ThreadLocal.withInitial(this::checkThreadStack);
  private final ReadWriteLock compiling = new ReentrantReadWriteLock();
  private final AtomicBoolean closed = new AtomicBoolean();

  private WasmtimeEngine(
      EngineConfig config, MemoryPlan memory, HostFunctionTable functions, LibWasmtime lib) {
    this.config = config;
    this.functions = functions;
    this.info = new EngineInfo("wasmtime", NativeLibrary.version(config.library()));
    this.lib = lib;
    this.errors = new ErrorReader(lib);
    this.validator = new ModuleValidator(config.moduleBytes(), functions.all());
    this.componentValidator =
        new ComponentValidator(config.moduleBytes(), new ComponentFunctions(functions));
    var settings = EngineSettings.of(config, memory);
    this.engine = settings.newEngine(lib);
    this.compiler = new Compiler(lib, engine, config, settings);
    this.slots =
        new Slots(
            IntStream.range(0, config.slots()).mapToObj(i -> new Slot(lib, i, arena)).toList());
    this.upcalls = new Upcalls(lib, slots, arena);
    this.tickCallback = upcalls.tick();
    this.componentCallback = upcalls.componentFunction();
    this.linker = new HostLinker(lib, engine, functions, upcalls);
    this.ticker = new Ticker(() -> lib.incrementEpoch(engine), config.tick());
  }

  /**
   * Loads libwasmtime and creates an engine.
   *
   * @throws EngineUnavailableException if no usable libwasmtime is available on this machine
   */
  public static WasmtimeEngine start(EngineConfig config, HostFunctionTable functions) {
    return start(config, memoryPlan(config), functions);
  }

  static WasmtimeEngine start(EngineConfig config, MemoryPlan memory, HostFunctionTable functions) {
    var lib = NativeLibrary.load(config.library(), NativeLibrary.userCacheDirectory());
    if (config.library() != null) { // the digest of the bundled one is known
      NativeModules.checkVersion(lib);
    }
    var engine = new WasmtimeEngine(config, memory, functions, lib);
    engine.ticker.start();
    return engine;
  }

  @Override
  public EngineInfo info() {
    return info;
  }

  /** Its machine code depends on no limit: memory and table are limited as a guest grows them. */
  @Override
  public Limits compileLimits(Limits limits) {
    requireEnforceable(limits);
    return Limits.DEFAULTS
        .withMemoryBytes(config.memoryBytes())
        .with(LimitKind.TABLE_ELEMENTS, LimitKind.TABLE_ELEMENTS.maximum());
  }

  @Override
  public CompiledModule compile(WasmBinary wasm, Limits limits) {
    requireEnforceable(limits);
    return ComponentBinary.isComponent(wasm)
        ? compileComponent(wasm, limits)
        : compileModule(wasm, limits);
  }

  private CompiledModule compileModule(WasmBinary wasm, Limits limits) {
    var validated = validator.validate(wasm, limits);
    return compileWhileOpen(
        () -> new WasmtimeModule(this, wasm.digest(), validated, limits, code(validated)));
  }

  private CompiledModule compileComponent(WasmBinary wasm, Limits limits) {
    var validated = componentValidator.validate(wasm, limits);
    return compileWhileOpen(
        () -> WasmtimeComponent.compile(this, compiler, wasm, validated, limits));
  }

  private CompiledModule compileWhileOpen(Supplier<CompiledModule> compile) {
    compiling.readLock().lock();
    try {
      if (closed.get()) {
        throw new IllegalStateException("the engine is closed");
      }
      var module = compile.get();
      modules.add(module);
      return module;
    } finally {
      compiling.readLock().unlock();
    }
  }

  private Compiled code(ValidatedModule validated) {
    return validated.content() == null
        ? compiler.loadOrCompile(validated.wasm())
        : sharedCode.acquire(
            validated.wasm().digest(), () -> compiler.loadOrCompile(validated.wasm()));
  }

  /**
   * Ends compilations, unless they are in this process, and waits for the runs in progress, which
   * end at their deadlines at the latest.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    compiler.close();
    compiling.writeLock().lock();
    try {
      slots.close();
      ticker.close();
      modules.forEach(CompiledModule::close);
      linker.close();
      upcalls.close();
      lib.call("wasm_engine_delete", engine);
      arena.close();
    } finally {
      compiling.writeLock().unlock();
    }
  }

  InvocationResult run(
      WasmtimeModule module, Invocation invocation, @Nullable WasmtimeImage image) {
    return withSlot(slot -> run(module, invocation, image, slot));
  }

  InvocationResult run(WasmtimeComponent component, Invocation invocation) {
    return withSlot(slot -> run(component, invocation, slot));
  }

  private InvocationResult run(WasmtimeComponent component, Invocation invocation, Slot slot) {
    var validated = component.validated();
    var state = new RunState(functions, invocation, validated.kind(), HostClocks.SYSTEM);
    if (state.exceedsLimitsAtStart(validated.initialMemoryBytes(), validated.initialTableElements())
        || state.shouldStop()) {
      return state.finishWithoutGuest(info, validated.initialMemoryBytes());
    }
    var run = new ComponentRun(this, component, slot, state);
    var reason = run.execute();
    return state.finish(reason, info, run.memoryBytes());
  }

  PreparationResult prepare(WasmtimeModule module, Preparation preparation) {
    return withSlot(slot -> prepare(module, preparation, slot));
  }

  private <T> T withSlot(Function<Slot, T> use) {
    stackChecked.get();
    var slot = slots.acquire();
    ticker.guestStarted();
    try {
      return use.apply(slot);
    } finally {
      ticker.guestEnded();
      upcalls.replaceUsedTraps();
      slots.release(slot);
    }
  }

  private InvocationResult run(
      WasmtimeModule module, Invocation invocation, @Nullable WasmtimeImage image, Slot slot) {
    var validated = module.validated();
    var state = new RunState(functions, invocation, validated.kind(), HostClocks.SYSTEM);
    long memoryAtStart = image == null ? validated.initialMemoryBytes() : image.memoryBytes();
    if (!mayStart(state, validated, memoryAtStart)) {
      return state.finishWithoutGuest(info, validated.initialMemoryBytes());
    }
    var run = new WasmtimeRun(this, module, slot, state);
    var reason = run.execute(image);
    return run.state().finish(reason, info, run.memoryBytes());
  }

  private PreparationResult prepare(WasmtimeModule module, Preparation preparation, Slot slot) {
    var validated = module.validated();
    var state = RunState.of(functions, preparation, HostClocks.SYSTEM);
    if (!mayStart(state, validated, validated.initialMemoryBytes())) {
      return new PreparationResult.Failed(
          state.finishWithoutGuest(info, validated.initialMemoryBytes()));
    }
    var run = new WasmtimeRun(this, module, slot, state);
    var capture = new StateCapture(module, state, preparation.maxImageBytes());
    var reason = run.prepare(capture);
    if (state.stopReason() != null || !reason.equals(WasmtimeRun.SUCCESS)) {
      return new PreparationResult.Failed(state.finish(reason, info, run.memoryBytes()));
    }
    var receipt = state.finishPreparation(info, run.memoryBytes());
    var image = capture.image();
    return image == null
        ? new PreparationResult.TooLarge(capture.bytes(), receipt)
        : new PreparationResult.Prepared(image, receipt);
  }

  private static boolean mayStart(RunState state, ValidatedModule validated, long memoryBytes) {
    return !state.exceedsLimitsAtStart(memoryBytes, validated.initialTableElements())
        && !state.shouldStop();
  }

  private void requireEnforceable(Limits limits) {
    if (limits.memoryBytes() > config.memoryBytes()) {
      throw new IllegalArgumentException(
          "limits.memory is %d bytes, but the engine was configured for at most %d"
              .formatted(limits.memoryBytes(), config.memoryBytes()));
    }
    if (limits.fuel() > 0 && !config.fuel()) {
      throw new IllegalArgumentException(
          "limits.fuel is %d, but the engine does not count instructions: engine.fuel must be true"
              .formatted(limits.fuel()));
    }
  }

  boolean fuelEnabled() {
    return config.fuel();
  }

  SharedCode sharedCode() {
    return sharedCode;
  }

  LibWasmtime lib() {
    return lib;
  }

  ErrorReader errors() {
    return errors;
  }

  ExportNames names() {
    return names;
  }

  HostLinker linker() {
    return linker;
  }

  long handle() {
    return engine;
  }

  long tickCallback() {
    return tickCallback;
  }

  /** What all functions of the host that components get call. */
  long componentCallback() {
    return componentCallback;
  }

  void unregister(CompiledModule module) {
    modules.remove(module);
  }

  static MemoryPlan memoryPlan(EngineConfig config) {
    try {
      long free = AddressSpace.free();
      var plan = MemoryPlan.of(config, free);
      if (!plan.pooled()) {
        log.atWarn()
            .addKeyValue("free_bytes", free)
            .addKeyValue("slots", config.slots())
            .addKeyValue("memory_bytes", config.memoryBytes())
            .log("Not enough address space for a memory pool; each run allocates its own memory");
      }
      return plan;
    } catch (IOException unreadable) {
      throw new EngineUnavailableException(
          "cannot determine the available address space", unreadable);
    }
  }

  /** A guest that overflowed the thread's stack instead of its own would end the JVM. */
  private boolean checkThreadStack() {
    long stack = ThreadStack.bytes();
    if (stack < config.threadStackBytes()) {
      throw new IllegalStateException(
          "thread %s has a stack of %d bytes, but needs %d to run guests"
              .formatted(Thread.currentThread().getName(), stack, config.threadStackBytes()));
    }
    return true;
  }
}
