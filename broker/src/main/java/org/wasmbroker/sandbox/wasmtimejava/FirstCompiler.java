package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.Config;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.wasmbroker.sandbox.WasmBinary;

/**
 * Compiles modules before their first run, on threads and native engines of its own, so that no
 * guest waits for a compilation: its result is the code in the library's cache. The library can
 * neither limit nor end a compilation; one that still runs at the end keeps its engine, and its
 * thread ends with the process.
 */
final class FirstCompiler implements AutoCloseable {
  private final BlockingQueue<EngineSlot> idle;

  FirstCompiler(int concurrency, Config config) {
    List<EngineSlot> all =
        IntStream.range(0, concurrency).mapToObj(index -> new EngineSlot(index, config)).toList();
    idle = new ArrayBlockingQueue<>(concurrency, false, all);
  }

  /**
   * Compiles a module, after waiting for earlier ones.
   *
   * @return how long it took
   * @throws io.github.kawamuray.wasmtime.WasmtimeException if the library rejects the module
   * @throws IllegalStateException if the thread is interrupted
   */
  Duration compile(WasmBinary wasm) {
    try {
      var slot = idle.take();
      var task = new FutureTask<>(() -> compile(wasm, slot));
      Thread.ofPlatform().name("wasmtime-java-compiler").daemon(true).start(task);
      return task.get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("its compilation was interrupted", interrupted);
    } catch (ExecutionException failed) {
      switch (Objects.requireNonNull(failed.getCause())) {
        case RuntimeException unexpected -> throw unexpected;
        case Error error -> throw error;
        default -> throw new IllegalStateException(failed);
      }
    }
  }

  private Duration compile(WasmBinary wasm, EngineSlot slot) {
    long start = System.nanoTime();
    try {
      slot.compile(wasm).dispose();
      return Duration.ofNanos(System.nanoTime() - start);
    } finally {
      idle.add(slot);
    }
  }

  /** Frees the engines that compile nothing. */
  @Override
  public void close() {
    EngineSlot slot;
    while ((slot = idle.poll()) != null) {
      slot.close();
    }
  }
}
