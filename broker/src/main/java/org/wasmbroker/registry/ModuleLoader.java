package org.wasmbroker.registry;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.ModuleSource.Entry;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ModuleEvent;

/**
 * Reads, validates and compiles modules. A digest is compiled once for the same limits, by the
 * first thread that asks; refusals are cached in the same way. Any problem of a module is a value,
 * so that it cannot affect another module.
 */
final class ModuleLoader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ModuleLoader.class);

  private final Engine engine;
  private final EventSink events;
  private volatile Policy policy;
  private final ConcurrentHashMap<BuildKey, CompletableFuture<CompileResult>> builds =
      new ConcurrentHashMap<>();

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
  LoadResult load(Entry entry, ModuleSource source, @Nullable String previousProblem) {
    long start = System.nanoTime();
    @Nullable Digest digest = null;
    try {
      var file = source.load(entry);
      digest = file.wasm().digest();
      var manifest = ManifestReader.read(file.manifest(), entry, source.location());
      var limits = manifest.grants(policy).limits();
      return switch (compile(file.wasm(), limits)) {
        case CompileResult.Module(CompiledModule module) -> {
          var id = new ModuleId(entry.handler(), entry.version().toString(), digest);
          var took = Duration.ofNanos(System.nanoTime() - start);
          logLoaded(id, file.wasm().size(), source, limits, took);
          warnIfClamped(id, manifest, limits);
          yield new LoadResult.Usable(manifest, id, module, limits);
        }
        case CompileResult.Rejected(String reason) ->
            broken(entry, source, digest, reason, previousProblem);
      };
    } catch (RuntimeException problem) {
      return broken(entry, source, digest, String.valueOf(problem.getMessage()), previousProblem);
    } catch (Throwable problem) { // whatever it is, the steps that wait for the module must end
      return broken(entry, source, digest, String.valueOf(problem), previousProblem);
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
      future.complete(new CompileResult.Module(engine.compile(wasm, limits)));
    } catch (ModuleRefusedException refused) {
      future.complete(new CompileResult.Rejected(String.valueOf(refused.getMessage())));
    } catch (Throwable unexpected) {
      // A failure of the engine, not of the module: waiting threads see it, the next attempt
      // compiles again.
      builds.remove(build);
      future.complete(new CompileResult.Rejected("the engine could not compile it: " + unexpected));
      throw unexpected;
    }
    return future.join();
  }

  private LoadResult.Broken broken(
      Entry entry,
      ModuleSource source,
      @Nullable Digest digest,
      String reason,
      @Nullable String previousProblem) {
    var problem = entry.handler() + "@" + entry.version() + " cannot be used: " + reason;
    if (!problem.equals(previousProblem)) {
      log.atError()
          .addKeyValue("handler", entry.handler())
          .addKeyValue("version", entry.version())
          .addKeyValue("source", source.location())
          .log("module refused: {}", reason);
      events.on(new ModuleEvent.Refused(entry.handler(), reason));
    }
    return new LoadResult.Broken(problem, digest);
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
              "the module requests more than its resource class or limits.time allow; it is limited to these");
    }
  }

  /** Frees every compiled module; no run or load may be in progress. */
  @Override
  public void close() {
    for (var build : builds.values()) {
      if (build.join() instanceof CompileResult.Module(CompiledModule module)) {
        module.close();
      }
    }
    builds.clear();
  }

  private record BuildKey(Digest digest, Limits limits) {}

  private sealed interface CompileResult {
    record Module(CompiledModule module) implements CompileResult {}

    record Rejected(String reason) implements CompileResult {}
  }
}
