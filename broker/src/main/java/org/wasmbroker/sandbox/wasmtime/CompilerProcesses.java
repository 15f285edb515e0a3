package org.wasmbroker.sandbox.wasmtime;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.CompileLimits;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;

/**
 * Compiles in processes of their own, as many at once as the limits allow. A process is kept for a
 * few seconds, since modules are often compiled one after another and a JVM takes a third of a
 * second to start. A module that exceeded a limit or ended its process is refused from then on
 * without another attempt, until this broker ends or the module changes.
 */
final class CompilerProcesses implements AutoCloseable {
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final int MAX_REMEMBERED = 1000;

  /** Code stays in the broker's memory, so it may have a fraction of what its compilation may. */
  private static final int CODE_SHARE = 4;

  private final Path library;
  private final EngineSettings settings;
  private final CompileLimits limits;
  private final Semaphore permits;
  private final Executor afterIdleTime =
      CompletableFuture.delayedExecutor(IDLE.toMillis(), TimeUnit.MILLISECONDS);

  // All below is guarded by this.
  private final Deque<Idle> idle = new ArrayDeque<>();
  private final Set<CompilerProcess> busy = new HashSet<>();
  private final Map<Digest, Refusal> refused = new LinkedHashMap<>();
  private final Set<Digest> killedOnce = new LinkedHashSet<>();
  private boolean closed;

  /**
   * @param since on the monotonic clock
   */
  private record Idle(CompilerProcess process, long since) {}

  private record Refusal(Reason reason, String message) {
    ModuleRefusedException exception() {
      return new ModuleRefusedException(reason, message);
    }
  }

  CompilerProcesses(Path library, EngineSettings settings, CompileLimits limits) {
    this.library = library;
    this.settings = settings;
    this.limits = limits;
    this.permits = new Semaphore(limits.concurrency(), true);
  }

  /**
   * Compiles a module, after waiting for earlier ones.
   *
   * @param arena a shared one, for the code
   * @throws ModuleRefusedException if the engine refuses the module, or its compilation exceeds a
   *     limit or ends its process
   * @throws EngineUnavailableException if no process can be started, or if it was killed while it
   *     compiled this module for the first time
   * @throws IllegalStateException if this is closed or the thread is interrupted
   */
  MemorySegment compile(WasmBinary wasm, Arena arena) {
    requireNotRefused(wasm.digest());
    try {
      permits.acquire();
      try {
        requireNotRefused(wasm.digest());
        return compileNow(wasm, arena);
      } finally {
        permits.release();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("its compilation was interrupted", interrupted);
    }
  }

  private MemorySegment compileNow(WasmBinary wasm, Arena arena) throws InterruptedException {
    var process = take();
    try {
      return process.compile(wasm.bytes(), limits.time(), limits.memoryBytes() / CODE_SHARE, arena);
    } catch (TimeoutException tooSlow) {
      throw refuse(wasm, tooSlow());
    } catch (CompilerProcess.EndedException ended) {
      requireOpen();
      if (ended.wasKilled() && isFirstTime(wasm.digest())) {
        throw new EngineUnavailableException(
            "the compilation of a module failed: %s; it is tried once more"
                .formatted(ended.getMessage()),
            ended);
      }
      throw refuse(wasm, ended.isOutOfMemory() ? tooLarge() : crashed(ended));
    } finally {
      giveBack(process);
    }
  }

  /** For code that the engine did not take though its own compiler made it. */
  ModuleRefusedException refuse(WasmBinary wasm, IllegalArgumentException notTaken) {
    return refuse(
        wasm,
        new Refusal(
            Reason.COMPILE_CRASH,
            "its compiled code cannot be loaded: %s; it is not compiled again until it changes or the broker restarts"
                .formatted(notTaken.getMessage())));
  }

  private Refusal tooSlow() {
    return new Refusal(
        Reason.COMPILE_TIME,
        "it takes too long to compile, more than %s allows, %s; %s"
            .formatted(
                CompileLimits.TIME_KEY, seconds(limits.time()), whatToDo(CompileLimits.TIME_KEY)));
  }

  private Refusal tooLarge() {
    return new Refusal(
        Reason.COMPILE_MEMORY,
        "it takes too much memory to compile, more than %s allows, %d MiB; %s"
            .formatted(
                CompileLimits.MEMORY_KEY,
                limits.memoryBytes() >> 20,
                whatToDo(CompileLimits.MEMORY_KEY)));
  }

  private static Refusal crashed(CompilerProcess.EndedException ended) {
    return new Refusal(
        Reason.COMPILE_CRASH,
        "its compilation failed: %s; it is not compiled again until it changes or the broker restarts"
            .formatted(ended.getMessage()));
  }

  private static String whatToDo(String key) {
    return "make its largest functions smaller and less nested, or raise %s; it is not compiled again until it changes or the broker restarts"
        .formatted(key);
  }

  private static String seconds(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  private synchronized ModuleRefusedException refuse(WasmBinary wasm, Refusal refusal) {
    if (refused.size() == MAX_REMEMBERED) {
      refused.remove(refused.keySet().iterator().next());
    }
    refused.put(wasm.digest(), refusal);
    return refusal.exception();
  }

  /** Whether the process of this module was not killed before. */
  private synchronized boolean isFirstTime(Digest module) {
    if (killedOnce.size() == MAX_REMEMBERED) {
      killedOnce.remove(killedOnce.iterator().next());
    }
    return killedOnce.add(module);
  }

  private synchronized void requireNotRefused(Digest module) {
    var refusal = refused.get(module);
    if (refusal != null) {
      throw refusal.exception();
    }
  }

  private synchronized void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the engine is closed");
    }
  }

  private CompilerProcess take() throws InterruptedException {
    var process = takeIdle();
    if (process == null) {
      process = start();
    }
    synchronized (this) {
      busy.add(process);
      if (closed) {
        process.close();
      }
    }
    return process;
  }

  private synchronized @Nullable CompilerProcess takeIdle() {
    requireOpen();
    while (!idle.isEmpty()) {
      var process = idle.pop().process();
      if (process.isUsable()) {
        return process;
      }
    }
    return null;
  }

  private CompilerProcess start() throws InterruptedException {
    try {
      return CompilerProcess.start(CompilerMain.arguments(library, settings, limits.memoryBytes()));
    } catch (IOException cannotStart) {
      throw new EngineUnavailableException(
          "a process that compiles modules cannot be started: " + cannotStart.getMessage(),
          cannotStart);
    }
  }

  private void giveBack(CompilerProcess process) {
    synchronized (this) {
      busy.remove(process);
      if (closed || !process.isUsable()) {
        process.close();
        return;
      }
      idle.push(new Idle(process, System.nanoTime()));
    }
    afterIdleTime.execute(this::endIdle);
  }

  private synchronized void endIdle() {
    long now = System.nanoTime();
    idle.removeIf(
        waiting -> {
          boolean over = now - waiting.since() >= IDLE.toNanos();
          if (over) {
            waiting.process().close();
          }
          return over;
        });
  }

  /** Ends every process, including those that compile. */
  @Override
  public synchronized void close() {
    closed = true;
    idle.forEach(waiting -> waiting.process().close());
    idle.clear();
    busy.forEach(CompilerProcess::close);
  }
}
