package org.wasmbroker.sandbox;

import org.wasmbroker.step.Digest;

/**
 * What {@code prepare} left in an instance of one module: the parts of its memory that differ from
 * a fresh instance, the size of its memory, and the values of its mutable globals. Immutable and
 * thread-safe: runs copy from it and nothing is ever written to it. It lives on the heap, so that
 * one that a cache drops stays valid for the runs that use it, and is freed with the last of them.
 */
public interface PreparedImage {
  /** The digest of the module that it was made from, as {@link CompiledModule#digest}. */
  Digest module();

  /** What it occupies in the broker's memory, in bytes. */
  long bytes();

  /** The size of the memory of an instance that starts with it, in bytes. */
  long memoryBytes();
}
