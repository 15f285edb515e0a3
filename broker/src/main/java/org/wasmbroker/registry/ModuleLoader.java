package org.wasmbroker.registry;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ModuleEvent;

/**
 * Reads, validates and compiles modules. A digest is compiled once for the same limits, by the
 * first thread that asks; refusals are cached in the same way. Any problem of a module is a value,
 * so that it cannot affect another module. Compilations end when the loader is stopped.
 */
final class ModuleLoader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ModuleLoader.class);
  private static final int MAX_BUILDS = 1000;

  private final Engine engine;
  private final EventSink events;
  private volatile Policy policy;
  private final ConcurrentHashMap<BuildKey, CompletableFuture<CompileResult>> builds =
      new ConcurrentHashMap<>();
  private final Set<Thread> compiling = new HashSet<>(); // guarded by itself
  private boolean stopped; // guarded by compiling

  ModuleLoader(Engine engine, Policy policy, EventSink events) {
    this.engine = engine;
    this.policy = policy;
    this.events = events;
  }

  /** Modules that are loaded from now on are compiled for the limits that it grants. */
  void apply(Policy policy) {
    this.policy = policy;
  }

  /**
   * @param previousProblem a problem that has been reported before and is not reported again, or
   *     null
   */
  LoadResult load(ReleaseId id, ModuleSource source, @Nullable String previousProblem) {
    long start = System.nanoTime();
    @Nullable Digest digest = null;
    try {
      var file = source.fetch(id);
      digest = file.wasm().digest();
      var manifest = ManifestReader.read(file.manifest(), id, source.location());
      var limits = manifest.grants(policy).limits();
      return switch (compile(file.wasm(), limits)) {
        case CompileResult.Module(CompiledModule module) -> {
          var moduleId = new ModuleId(id.handler(), id.version().toString(), digest);
          var took = Duration.ofNanos(System.nanoTime() - start);
          logLoaded(moduleId, file.wasm().size(), source, limits, took);
          warnIfClamped(moduleId, manifest, limits);
          yield new LoadResult.Usable(manifest, moduleId, module, limits);
        }
        case CompileResult.Rejected(String reason) ->
            broken(id, source, new Fault(reason, digest, true), previousProblem);
        case CompileResult.Failed(String reason) ->
            broken(id, source, new Fault(reason, digest, false), previousProblem);
      };
    } catch (RuntimeException problem) {
      var fault = new Fault(String.valueOf(problem.getMessage()), digest, true);
      return broken(id, source, fault, previousProblem);
    } catch (Throwable problem) { // whatever it is, the steps that wait for the module must end
      var fault =
          new Fault(String.valueOf(problem), digest, !(problem instanceof OutOfMemoryError));
      return broken(id, source, fault, previousProblem);
    }
  }

  private CompileResult compile(WasmBinary wasm, Limits limits) {
    var build = new BuildKey(wasm.digest(), limits);
    var future = new CompletableFuture<CompileResult>();
    var existing = builds.putIfAbsent(build, future);
    if (existing != null) {
      return existing.join();
    }
    try {
      var module = compileUnlessStopped(wasm, limits);
      var took = module.compilation();
      if (took != null) {
        events.on(new ModuleEvent.Compiled(took));
      }
      future.complete(new CompileResult.Module(module));
    } catch (ModuleRefusedException refused) {
      failure(refused.reason())
          .ifPresent(kind -> events.on(new ModuleEvent.CompilationFailed(kind)));
      forgetRefusals();
      future.complete(new CompileResult.Rejected(String.valueOf(refused.getMessage())));
    } catch (Throwable unexpected) {
      // A failure of the engine, not of the module: waiting threads see it, the next attempt
      // compiles again.
      builds.remove(build);
      var cause =
          unexpected instanceof EngineUnavailableException known
              ? known.getMessage()
              : String.valueOf(unexpected);
      future.complete(new CompileResult.Failed("the engine could not compile it: " + cause));
    }
    return future.join();
  }

  private static Optional<ModuleEvent.CompilationFailure> failure(Reason reason) {
    return switch (reason) {
      case COMPILE_TIME -> Optional.of(ModuleEvent.CompilationFailure.TIME);
      case COMPILE_MEMORY -> Optional.of(ModuleEvent.CompilationFailure.MEMORY);
      case COMPILE_CRASH -> Optional.of(ModuleEvent.CompilationFailure.CRASH);
      case NOT_WEBASSEMBLY,
          INVALID,
          TOO_LARGE,
          UNKNOWN_IMPORT,
          MISSING_EXPORT,
          WRONG_SIGNATURE,
          OVER_LIMIT ->
          Optional.empty();
    };
  }

  /** Files that are replaced again and again by other broken ones must not fill the memory. */
  private void forgetRefusals() {
    if (builds.size() > MAX_BUILDS) {
      builds.values().removeIf(build -> build.getNow(null) instanceof CompileResult.Rejected);
    }
  }

  private CompiledModule compileUnlessStopped(WasmBinary wasm, Limits limits) {
    synchronized (compiling) {
      requireRunning();
      compiling.add(Thread.currentThread());
    }
    try {
      return engine.compile(wasm, limits);
    } finally {
      synchronized (compiling) {
        compiling.remove(Thread.currentThread());
        if (stopped) {
          Thread.interrupted(); // it was meant for the compilation
        }
      }
    }
  }

  private void requireRunning() {
    if (isStopped()) {
      throw new IllegalStateException("the broker is stopping");
    }
  }

  private boolean isStopped() {
    synchronized (compiling) {
      return stopped;
    }
  }

  /** Ends the compilations in progress, and begins no other. */
  void stop() {
    synchronized (compiling) {
      stopped = true;
      compiling.forEach(Thread::interrupt);
    }
  }

  private LoadResult.Broken broken(
      ReleaseId id, ModuleSource source, Fault fault, @Nullable String previousProblem) {
    var reason = fault.reason();
    var problem = id + " cannot be used: " + reason;
    if (!problem.equals(previousProblem) && !isStopped()) {
      log.atError()
          .addKeyValue("handler", id.handler())
          .addKeyValue("version", id.version())
          .addKeyValue("source", source.location())
          .log("module refused: {}", reason);
      events.on(new ModuleEvent.Refused(id.handler(), reason));
    }
    return new LoadResult.Broken(problem, fault.digest(), fault.byModule());
  }

  private void logLoaded(
      ModuleId id, int bytes, ModuleSource source, Limits limits, Duration took) {
    log.atInfo()
        .addKeyValue("handler", id.handler())
        .addKeyValue("version", id.version())
        .addKeyValue("digest", id.digest())
        .addKeyValue("source", source.location())
        .addKeyValue("bytes", bytes)
        .addKeyValue("memory_limit", limits.memoryBytes())
        .addKeyValue("time_limit_ms", limits.time().toMillis())
        .addKeyValue("took_ms", took.toMillis())
        .log("module loaded");
    events.on(new ModuleEvent.Loaded(id, bytes, took));
  }

  private static void warnIfClamped(ModuleId id, Manifest manifest, Limits limits) {
    boolean memory =
        manifest.memoryBytes() != null && manifest.memoryBytes() > limits.memoryBytes();
    boolean time = manifest.timeout() != null && manifest.timeout().compareTo(limits.time()) > 0;
    if (memory || time) {
      log.atWarn()
          .addKeyValue("module", id)
          .addKeyValue("memory_limit", limits.memoryBytes())
          .addKeyValue("time_limit_ms", limits.time().toMillis())
          .log(
              "the module requests more than its resource class or limits.time allow; it is limited"
                  + " to these");
    }
  }

  /**
   * Frees every compiled module, once the last compilation has ended; no run may be in progress.
   */
  @Override
  public void close() {
    stop();
    for (var build : builds.values()) {
      if (build.join() instanceof CompileResult.Module(CompiledModule module)) {
        module.close();
      }
    }
    builds.clear();
  }

  /** See {@link LoadResult.Broken}. */
  private record Fault(String reason, @Nullable Digest digest, boolean byModule) {}

  private record BuildKey(Digest digest, Limits limits) {}

  private sealed interface CompileResult {
    record Module(CompiledModule module) implements CompileResult {}

    record Rejected(String reason) implements CompileResult {}

    record Failed(String reason) implements CompileResult {}
  }
}
