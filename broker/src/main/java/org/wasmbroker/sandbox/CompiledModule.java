package org.wasmbroker.sandbox;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Digest;

/** A module that passed every check and is ready to run. Thread-safe. */
public interface CompiledModule extends AutoCloseable {
  /** The SHA-256 of the WebAssembly binary. */
  Digest digest();

  /** How long its compilation took; null if its code was in a cache. */
  @Nullable Duration compilation();

  /** The size of its machine code; 0 if the engine cannot tell. */
  default long codeBytes() {
    return 0;
  }

  /**
   * Checks that it can start within limits that are not above those of {@link Engine#compile}.
   *
   * @throws ModuleRefusedException if its memory or its table starts with more
   */
  default void requireStartsWithin(Limits limits) {}

  /**
   * Keeps it from being freed until {@link #unhold}, for several runs that must be of one module.
   *
   * @return false if it has been freed; then it must not be run
   */
  default boolean hold() {
    return true;
  }

  /** Ends one {@link #hold}. */
  default void unhold() {}

  /** Whether it is run by its export {@code _start}, as a WASI command. */
  default boolean isCommand() {
    return false;
  }

  /**
   * Whether it exports {@code prepare}. Then each of its runs starts with an image, or with a
   * preparation from the {@link HandlerConfiguration} of its input.
   */
  default boolean prepares() {
    return false;
  }

  /** What makes its images; empty unless it {@link #prepares} and its engine makes images. */
  default Optional<ImageMaker> imageMaker() {
    return Optional.empty();
  }

  /**
   * The broker's own functions without whose grant it is not to be run, by name, and what it
   * imports of each: those of a component. A core module may import what it is not granted, and is
   * told so when it calls it.
   */
  default Map<String, String> neededFunctions() {
    return Map.of();
  }

  /**
   * Runs the module once, in a fresh instance, on the calling thread. Whatever the guest does
   * becomes a result; no native resource outlives the call.
   *
   * @throws IllegalArgumentException if the invocation's memory or table limits exceed those passed
   *     to {@link Engine#compile}, or if the image was made from another module
   * @throws IllegalStateException if the module is freed
   */
  InvocationResult run(Invocation invocation);

  /** Frees the module once its last run and its last hold have ended. */
  @Override
  void close();
}
