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
  private final @Nullable String earlierProblem;
  private final AtomicBoolean taken = new AtomicBoolean();
  private final CompletableFuture<Loaded> loaded = new CompletableFuture<>();

  /**
   * @param earlierProblem what was wrong at the last try, which is not reported again, or null
   */
  Candidate(
      Entry entry, ModuleSource source, ModuleLoader loader, @Nullable String earlierProblem) {
    this.entry = entry;
    this.source = source;
    this.loader = loader;
    this.earlierProblem = earlierProblem;
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

  Loaded load() {
    if (taken.compareAndSet(false, true)) {
      loaded.complete(loader.load(entry, source, earlierProblem));
    }
    return loaded.join();
  }

  /** What loading gave, or null when it has not ended. */
  @Nullable Loaded loadedSoFar() {
    return loaded.getNow(null);
  }

  /** What is wrong with it, or null when it is usable or not known yet. */
  @Nullable String problem() {
    return loadedSoFar() instanceof Loaded.Broken broken ? broken.problem() : null;
  }

  /** A second try at a broken one, such as a file that was still being copied. */
  Candidate again() {
    return new Candidate(entry, source, loader, problem());
  }
}
