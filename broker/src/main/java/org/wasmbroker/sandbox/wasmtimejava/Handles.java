package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.Disposable;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The native handles of one run, freed in reverse order of creation. The library does not free them
 * itself: a forgotten handle is a native memory leak.
 */
final class Handles implements AutoCloseable {
  private final Deque<Disposable> owned = new ArrayDeque<>();

  <T extends Disposable> T own(T handle) {
    owned.push(handle);
    return handle;
  }

  @Override
  public void close() {
    while (!owned.isEmpty()) {
      owned.pop().dispose();
    }
  }
}
