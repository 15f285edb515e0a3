package org.wasmbroker.sandbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Digest;

/** A module that passed every check and is ready to run. Thread-safe. */
public interface CompiledModule extends AutoCloseable {
  /** The SHA-256 of the WebAssembly binary. */
  Digest digest();

  /** How long its compilation took; null if its code was in a cache. */
  @Nullable Duration compilation();

  /**
   * Runs the module once, in a fresh instance, on the calling thread. Whatever the guest does
   * becomes a result; no native resource outlives the call.
   *
   * @throws IllegalArgumentException if the invocation's memory or table limits exceed those passed
   *     to {@link Engine#compile}
   * @throws IllegalStateException if the module is closed
   */
  InvocationResult run(Invocation invocation);

  /** Frees the module once its last run has ended. */
  @Override
  void close();
}
