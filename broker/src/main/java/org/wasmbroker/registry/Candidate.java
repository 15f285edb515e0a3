package org.wasmbroker.registry;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.ModuleSource.Entry;

/**
 * One version of a handler in one source, loaded by the first thread that needs it while the others
 * wait.
 */
final class Candidate {
  private final Entry entry;
  private final ModuleSource source;
  private final ModuleLoader loader;
  private final @Nullable String previousProblem;
  private final AtomicBoolean started = new AtomicBoolean();
  private final CompletableFuture<LoadResult> result = new CompletableFuture<>();

  /**
   * @param previousProblem what was wrong at the last try, which is not reported again, or null
   */
  Candidate(
      Entry entry, ModuleSource source, ModuleLoader loader, @Nullable String previousProblem) {
    this.entry = entry;
    this.source = source;
    this.loader = loader;
    this.previousProblem = previousProblem;
  }

  Entry entry() {
    return entry;
  }

  ModuleSource source() {
    return source;
  }

  boolean isFrom(ModuleSource other) {
    return source.equals(other);
  }

  LoadResult load() {
    if (started.compareAndSet(false, true)) {
      result.complete(loader.load(entry, source, previousProblem));
    }
    return result.join();
  }

  /** What loading gave, or null when it has not ended. */
  @Nullable LoadResult resultIfLoaded() {
    return result.getNow(null);
  }

  /** What is wrong with it, or null when it is usable or not known yet. */
  @Nullable String problem() {
    return resultIfLoaded() instanceof LoadResult.Broken broken ? broken.problem() : null;
  }

  /** A second try at a broken one, such as a file that was still being copied. */
  Candidate retry() {
    return new Candidate(entry, source, loader, problem());
  }
}
