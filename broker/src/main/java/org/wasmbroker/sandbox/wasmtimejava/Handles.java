package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.Disposable;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The native handles of one run, freed in the reverse order of their making. The library frees
 * nothing by itself: a handle that is forgotten is native memory lost for good.
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
