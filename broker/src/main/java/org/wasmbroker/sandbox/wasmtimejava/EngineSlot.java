package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.Config;
import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.WasmBinary;

/**
 * A native engine for one run at a time. The library can stop guests only by incrementing the epoch
 * of their whole engine, so stopping one guest independently requires an engine for each. The epoch
 * is otherwise constant: incrementing it once stops the guest.
 */
final class EngineSlot implements AutoCloseable {
  private final int index;
  private final Config config;

  /** Created for the first run: there are many slots, and most are used only while guests wait. */
  private @Nullable Engine engine; // guarded by this

  /** The deadline of the running guest, until it has passed. Guarded by this. */
  private @Nullable Deadline watched;

  EngineSlot(int index, Config config) {
    this.index = index;
    this.config = config;
  }

  private synchronized Engine engine() {
    if (engine == null) {
      synchronized (config) { // which all slots share
        engine = new Engine(config);
      }
    }
    return engine;
  }

  /** The slot's index, from 0. */
  int index() {
    return index;
  }

  /**
   * Compiles a module for this slot's engine. The library locks the engine during compilation,
   * which would block a tick; hence nothing is watched before {@link #watch}.
   */
  Module compile(WasmBinary wasm) {
    return Module.fromBinary(engine(), wasm.bytes());
  }

  /** A store whose guest stops when the epoch is incremented. */
  Store<Void> newStore(Handles handles) {
    @SuppressWarnings("NullAway") // The store accepts null for no data.
    var store = handles.own(new Store<Void>(null, engine()));
    store.setEpochDeadline(1);
    return store;
  }

  /** Starts checking a deadline at each tick. */
  synchronized void watch(Deadline deadline) {
    watched = deadline;
  }

  synchronized void unwatch() {
    watched = null;
  }

  /** Stops the guest if its deadline has passed. */
  synchronized void tick() {
    if (watched != null && watched.hasPassed()) {
      watched = null;
      engine().incrementEpoch();
    }
  }

  @Override
  public synchronized void close() {
    if (engine != null) {
      engine.dispose();
    }
  }
}
