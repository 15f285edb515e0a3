package org.wasmbroker.registry;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.concurrent.Threads;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.ModuleSource;

/**
 * One version of a handler in one source. It is loaded once, when it is first needed; every thread
 * that needs it waits for that.
 */
final class Candidate {
  private final ReleaseId id;
  private final ModuleSource source;
  private final ModuleLoader loader;
  private final @Nullable String previousProblem;
  private volatile boolean upgrade;
  private final AtomicBoolean started = new AtomicBoolean();
  private final CompletableFuture<LoadResult> result = new CompletableFuture<>();

  /**
   * @param previousProblem the problem of the previous attempt, which is not reported again, or
   *     null
   */
  Candidate(
      ReleaseId id, ModuleSource source, ModuleLoader loader, @Nullable String previousProblem) {
    this.id = id;
    this.source = source;
    this.loader = loader;
    this.previousProblem = previousProblem;
  }

  ReleaseId id() {
    return id;
  }

  ModuleSource source() {
    return source;
  }

  boolean isFrom(ModuleSource other) {
    return source.equals(other);
  }

  LoadResult load() {
    if (started.compareAndSet(false, true)) {
      start();
    }
    return result.join();
  }

  /** On a thread of its own, whoever asks: what is native computes for long. */
  private void start() {
    boolean begun = false;
    try {
      Threads.startTask("module-load", this::loadNow);
      begun = true;
    } finally {
      if (!begun) {
        result.complete(broken());
      }
    }
  }

  private void loadNow() {
    try {
      result.complete(loader.load(id, source, previousProblem));
    } finally {
      // Without effect unless that failed: others may wait, and no wait is for ever.
      result.complete(broken());
    }
  }

  private LoadResult broken() {
    return new LoadResult.Broken(id.handler() + " could not be loaded; see the log", null, false);
  }

  /** The result of loading, or null until it is complete. */
  @Nullable LoadResult resultIfLoaded() {
    return result.getNow(null);
  }

  /** Whether its handler was in service before it was listed. */
  boolean isUpgrade() {
    return upgrade;
  }

  /** Its handler is in service already: another version serves until this one is loaded. */
  void markUpgrade() {
    upgrade = true;
  }

  /** Why it is unusable; null if it is usable or not loaded yet. */
  @Nullable String problem() {
    return resultIfLoaded() instanceof LoadResult.Broken broken ? broken.problem() : null;
  }

  /** Another attempt at a broken one, such as a file that was still being copied. */
  Candidate retry() {
    return new Candidate(id, source, loader, problem());
  }
}
