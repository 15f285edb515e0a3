package org.wasmbroker.registry.compiled;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.image.PreparedImages;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ModuleEvent;

/**
 * The compiled modules in use. What is compiled is known by the digest of its WebAssembly and the
 * limits that its machine code depends on ({@link Engine#compileLimits}), so that a policy that
 * changes another limit compiles nothing. Each lease counts; the last one that is closed frees the
 * module. Refusals are remembered, failures of the engine are not. Thread-safe.
 */
public final class CompiledModules implements AutoCloseable {
  private static final int MAX_REFUSALS = 1000;

  private final Engine engine;
  private final EventSink events;
  private final Compilations compilations;
  private final ReentrantLock telling = new ReentrantLock();

  // All below is guarded by this, which is never held while anything is compiled or freed.
  private final Map<Key, Entry> entries = new HashMap<>();
  private final Map<Key, String> refusals = new LinkedHashMap<>();
  private boolean closed;

  /**
   * @param images what the runs of modules that prepare start with
   */
  public CompiledModules(Engine engine, PreparedImages images, EventSink events) {
    this.engine = engine;
    this.events = events;
    this.compilations = new Compilations(engine, images, events);
  }

  /** What machine code depends on. */
  private record Key(Digest module, Limits limits) {}

  /** One compiled module, or one that is being compiled. */
  private static final class Entry {
    final CompletableFuture<Result> result = new CompletableFuture<>();
    int leases;
  }

  sealed interface Result {
    record Compiled(CompiledModule module) implements Result {}

    record Rejected(String reason) implements Result {}

    record Broken(String reason) implements Result {}
  }

  /**
   * A lease of the module, compiled for these limits. The first thread that asks for a module
   * compiles it, the others wait for it; this may take as long as compiling does.
   *
   * @param limits those of the runs
   */
  public Compilation acquire(WasmBinary wasm, Limits limits) {
    Key key;
    try {
      key = new Key(wasm.digest(), engine.compileLimits(limits));
    } catch (IllegalArgumentException notEnforceable) {
      return new Compilation.Refused(String.valueOf(notEnforceable.getMessage()));
    }
    Entry entry;
    boolean mine;
    synchronized (this) {
      var refusal = refusal(key, limits);
      if (refusal != null) {
        return new Compilation.Refused(refusal);
      }
      if (closed) {
        return new Compilation.Failed("the broker is stopping");
      }
      var existing = entries.get(key);
      mine = existing == null;
      entry = existing == null ? new Entry() : existing;
      entries.put(key, entry);
      entry.leases++;
    }
    if (mine) {
      entry.result.complete(compilations.compile(wasm, key.limits()));
      tell();
    }
    return compilation(key, entry, limits);
  }

  /**
   * Like {@link #acquire} for a module that is compiled already or known to be refused; else empty.
   * Waits for nothing.
   */
  public Optional<Compilation> acquireIfCompiled(Digest module, Limits limits) {
    Key key;
    try {
      key = new Key(module, engine.compileLimits(limits));
    } catch (IllegalArgumentException notEnforceable) {
      return Optional.of(new Compilation.Refused(String.valueOf(notEnforceable.getMessage())));
    }
    Entry entry;
    synchronized (this) {
      var refusal = refusal(key, limits);
      if (refusal != null) {
        return Optional.of(new Compilation.Refused(refusal));
      }
      entry = entries.get(key);
      if (closed || entry == null || !entry.result.isDone()) {
        return Optional.empty();
      }
      entry.leases++;
    }
    return Optional.of(compilation(key, entry, limits));
  }

  /** The result for one who is counted already. */
  private Compilation compilation(Key key, Entry entry, Limits limits) {
    switch (entry.result.join()) {
      case Result.Compiled(CompiledModule module) -> {
        var lease = new Lease(module, () -> release(key, entry, module));
        try {
          module.requireStartsWithin(limits);
          return new Compilation.Ready(lease);
        } catch (ModuleRefusedException startsWithMore) {
          var reason = String.valueOf(startsWithMore.getMessage());
          remember(startKey(key, limits), reason);
          lease.close();
          return new Compilation.Refused(reason);
        }
      }
      case Result.Rejected(String reason) -> {
        remember(key, reason);
        forget(key, entry);
        return new Compilation.Refused(reason);
      }
      case Result.Broken(String reason) -> {
        forget(key, entry);
        return new Compilation.Failed(reason);
      }
    }
  }

  private void release(Key key, Entry entry, CompiledModule module) {
    synchronized (this) {
      entry.leases--;
      if (entry.leases > 0 || !entries.remove(key, entry)) {
        return;
      }
    }
    module.close();
    tell();
  }

  /** One after another, so that the last one tells what there is in the end. */
  private void tell() {
    telling.lock();
    try {
      events.on(new ModuleEvent.InMemory(count(), codeBytes()));
    } finally {
      telling.unlock();
    }
  }

  private synchronized void forget(Key key, Entry entry) {
    entries.remove(key, entry);
  }

  /** A module that starts with too much is refused for these limits, and may do for others. */
  private static Key startKey(Key key, Limits limits) {
    return new Key(
        key.module(),
        key.limits()
            .withMemoryBytes(limits.memoryBytes())
            .with(LimitKind.TABLE_ELEMENTS, limits.tableElements()));
  }

  private @Nullable String refusal(Key key, Limits limits) {
    var refusal = refusals.get(key);
    return refusal == null ? refusals.get(startKey(key, limits)) : refusal;
  }

  /** Files that are replaced again and again by other broken ones must not fill the memory. */
  private synchronized void remember(Key key, String reason) {
    if (refusals.size() >= MAX_REFUSALS && !refusals.containsKey(key)) {
      refusals.remove(refusals.keySet().iterator().next());
    }
    refusals.put(key, reason);
  }

  /** How many modules are compiled. */
  public int count() {
    return compiled().size();
  }

  /** The size of their machine code, as far as the engine can tell. */
  public long codeBytes() {
    return compiled().stream().mapToLong(CompiledModule::codeBytes).sum();
  }

  private synchronized List<CompiledModule> compiled() {
    return entries.values().stream()
        .map(entry -> entry.result.getNow(null))
        .filter(Result.Compiled.class::isInstance)
        .map(result -> ((Result.Compiled) result).module())
        .toList();
  }

  /** Ends the compilations in progress, and begins no other. */
  public void stop() {
    synchronized (this) {
      closed = true;
    }
    compilations.stop();
  }

  /** Frees every module, whoever has leases, once the last compilation and the last run ended. */
  @Override
  public void close() {
    stop();
    List<Entry> open;
    synchronized (this) {
      open = List.copyOf(entries.values());
      entries.clear();
    }
    for (var entry : open) {
      if (entry.result.join() instanceof Result.Compiled(CompiledModule module)) {
        module.close();
      }
    }
  }
}
