package org.wasmbroker.registry.compiled;

import java.util.concurrent.atomic.AtomicBoolean;
import org.wasmbroker.sandbox.CompiledModule;

/** The use of a compiled module; closing it twice ends it once. Thread-safe. */
public final class Lease implements AutoCloseable {
  private final CompiledModule module;
  private final Runnable end;
  private final AtomicBoolean open = new AtomicBoolean(true);

  Lease(CompiledModule module, Runnable end) {
    this.module = module;
    this.end = end;
  }

  /**
   * The module, which must not be closed. A run that outlives the lease needs a {@link
   * CompiledModule#hold} of its own.
   */
  public CompiledModule module() {
    return module;
  }

  /** The last lease of a module frees it, once its last run and its last hold have ended. */
  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      end.run();
    }
  }
}
