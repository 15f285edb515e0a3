package org.wasmbroker.sandbox.wasmtime;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.host.ModuleValidator;
import org.wasmbroker.sandbox.host.ValidatedModule;
import org.wasmbroker.sandbox.wasmtime.Compiler.Compiled;
import org.wasmbroker.step.Digest;

/** A compiled module with resolved imports. Freed once it is closed and its last run has ended. */
final class WasmtimeModule implements CompiledModule {
  private final WasmtimeEngine engine;
  private final Digest digest;
  private final ValidatedModule validated;
  private final Limits limits;
  private final Compiled compiled;
  private final long instancePre;

  /** Runs in progress and holds, plus one until it is closed. Never increases again from 0. */
  private final AtomicInteger references = new AtomicInteger(1);

  private final AtomicBoolean closed = new AtomicBoolean();

  WasmtimeModule(
      WasmtimeEngine engine,
      Digest digest,
      ValidatedModule validated,
      Limits limits,
      Compiled compiled) {
    this.engine = engine;
    this.digest = digest;
    this.validated = validated.forRuns();
    this.limits = limits;
    this.compiled = compiled;
    this.instancePre = engine.linker().instancePre(compiled.module());
  }

  @Override
  public Digest digest() {
    return digest;
  }

  @Override
  public @Nullable Duration compilation() {
    return compiled.took();
  }

  @Override
  public long codeBytes() {
    return compiled.codeBytes();
  }

  @Override
  public void requireStartsWithin(Limits atStart) {
    ModuleValidator.requireStartsWithin(validated.shape(), atStart);
  }

  @Override
  public boolean hold() {
    return references.getAndUpdate(count -> count == 0 ? 0 : count + 1) != 0;
  }

  @Override
  public void unhold() {
    release();
  }

  ValidatedModule validated() {
    return validated;
  }

  long instancePre() {
    return instancePre;
  }

  @Override
  public InvocationResult run(Invocation invocation) {
    invocation.limits().requireWithin(limits);
    if (!hold()) {
      throw new IllegalStateException("module " + digest + " is closed");
    }
    try {
      return engine.run(this, invocation);
    } finally {
      release();
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release();
    }
  }

  private void release() {
    if (references.decrementAndGet() == 0) {
      engine.lib().call("wasmtime_instance_pre_delete", instancePre);
      engine.lib().call("wasmtime_module_delete", compiled.module());
      engine.unregister(this);
    }
  }
}
