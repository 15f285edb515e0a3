package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.Config;
import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.WasmBinary;

/**
 * A native engine for one run at a time. The library can stop guests only by moving the epoch of
 * their whole engine, so that each guest that may have to be stopped alone needs an engine of its
 * own. The epoch stands still but for that: moving it once stops the guest.
 */
final class EngineSlot implements AutoCloseable {
  private final int index;
  private final Engine engine;

  /** The deadline of the guest that runs, while it has not come. Guarded by this. */
  private @Nullable Deadline watched;

  EngineSlot(int index, Config config) {
    this.index = index;
    this.engine = new Engine(config);
  }

  /** The slot's number, from 0. */
  int index() {
    return index;
  }

  /**
   * Compiles a module for this slot's engine. The library locks the engine meanwhile, so that a
   * tick would wait; hence nothing is watched before {@link #watch}.
   */
  Module compile(WasmBinary wasm) {
    return Module.fromBinary(engine, wasm.bytes());
  }

  /** A store whose guest stops when the epoch moves. */
  Store<Void> newStore(Handles handles) {
    @SuppressWarnings("NullAway") // The store takes null for no data.
    var store = handles.own(new Store<Void>(null, engine));
    store.setEpochDeadline(1);
    return store;
  }

  /** Lets the ticks look at the deadline of the store just made. */
  synchronized void watch(Deadline deadline) {
    watched = deadline;
  }

  synchronized void unwatch() {
    watched = null;
  }

  /** Stops the guest if its deadline has come. */
  synchronized void tick() {
    if (watched != null && watched.hasPassed()) {
      watched = null;
      engine.incrementEpoch();
    }
  }

  @Override
  public void close() {
    engine.dispose();
  }
}
