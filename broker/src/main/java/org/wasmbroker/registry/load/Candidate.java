package org.wasmbroker.registry.load;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.concurrent.Threads;
import org.wasmbroker.registry.index.Offer;
import org.wasmbroker.registry.load.LoadResult.Fault;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.step.Digest;

/**
 * One version of a handler in one source. It is loaded once, when it is first needed; every thread
 * that needs it waits for that. Once it is retired its module is freed, unless others use it.
 */
public final class Candidate {
  private static final long PAUSE_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long MAX_PAUSE_NANOS = Duration.ofMinutes(5).toNanos();

  private final Offer offer;
  private final ReleaseLoader loader;
  private final @Nullable LoadResult previous;
  private final int attempts;
  private final AtomicBoolean started = new AtomicBoolean();
  private final CompletableFuture<LoadResult> result = new CompletableFuture<>();
  private volatile long loadedAt;
  private volatile boolean upgrade;
  private volatile @Nullable String fingerprint;
  private volatile @Nullable String change;

  public Candidate(Offer offer, ReleaseLoader loader) {
    this(offer, loader, null, 1);
  }

  private Candidate(
      Offer offer, ReleaseLoader loader, @Nullable LoadResult previous, int attempts) {
    this.offer = offer;
    this.loader = loader;
    this.previous = previous;
    this.attempts = attempts;
  }

  public Offer offer() {
    return offer;
  }

  public ReleaseId id() {
    return offer.id();
  }

  public Release release() {
    return offer.release();
  }

  public ModuleSource source() {
    return offer.source();
  }

  public boolean isFrom(ModuleSource other) {
    return source().equals(other);
  }

  /** The digest of its module, if it is known. */
  public @Nullable Digest digest() {
    var loaded = resultIfLoaded();
    var read = loaded == null ? null : loaded.digestIfKnown();
    return read == null ? release().module() : read;
  }

  public LoadResult load() {
    if (started.compareAndSet(false, true)) {
      start();
    }
    return result.join();
  }

  /** Whether it is loaded or being loaded. */
  public boolean isStarted() {
    return started.get();
  }

  /** On a thread of its own, whoever asks: what is native computes for long. */
  private void start() {
    boolean begun = false;
    try {
      Threads.startTask("module-load", this::loadNow);
      begun = true;
    } finally {
      if (!begun) {
        result.complete(unexplained());
      }
    }
  }

  private void loadNow() {
    try {
      fingerprint = loader.fingerprint(offer);
      var loaded = loader.load(offer, previous);
      loadedAt = System.nanoTime();
      result.complete(loaded);
    } finally {
      // Without effect unless that failed: others may wait, and no wait is for ever.
      result.complete(unexplained());
    }
  }

  private LoadResult unexplained() {
    return new LoadResult.Broken(
        Fault.ENVIRONMENT, id() + " could not be loaded; see the log", null);
  }

  /** The result of loading, or null until it is complete. */
  public @Nullable LoadResult resultIfLoaded() {
    return result.getNow(null);
  }

  /** Whether its handler was in service before it was listed. */
  public boolean isUpgrade() {
    return upgrade;
  }

  /** Its handler is in service already: another version serves until this one is loaded. */
  public void markUpgrade() {
    upgrade = true;
  }

  /** Why it is unusable; null if it is usable or not loaded yet. */
  public @Nullable String problem() {
    return resultIfLoaded() instanceof LoadResult.Broken broken ? broken.problem() : null;
  }

  /** Whether enough time has passed since the last attempt, which may cost a registry something. */
  public boolean isRetryDue(long now) {
    long pause = Math.min(MAX_PAUSE_NANOS, PAUSE_NANOS << Math.min(attempts, 10));
    return !source().isRemote() || now - loadedAt >= pause;
  }

  /** Whether the policy demands something that it has not. */
  public boolean isDistrusted() {
    return resultIfLoaded() instanceof LoadResult.Broken broken
        && (broken.fault() == Fault.TRUST || broken.fault() == Fault.APPROVAL);
  }

  /** Another attempt, such as at a file that was still being copied. */
  public Candidate retry() {
    return new Candidate(offer, loader, resultIfLoaded(), attempts + 1);
  }

  /** The same release, no longer trusted. Its module is freed as if it were retired. */
  public Candidate refused(LoadResult.Broken reason) {
    var refused = new Candidate(offer, loader, null, 1);
    refused.started.set(true);
    refused.result.complete(reason);
    return refused;
  }

  /** It serves no new steps. */
  public void retire() {
    var _ =
        result.thenAccept(
            loaded -> {
              if (loaded instanceof LoadResult.Usable usable) {
                usable.lease().close();
              }
            });
  }

  /** What its source said of its content since it was loaded, in people's words; else null. */
  public @Nullable String change() {
    return change;
  }

  /**
   * Asks the source whether the content is still what was loaded; may take as long as that takes.
   */
  public void checkContent() {
    if (!(resultIfLoaded() instanceof LoadResult.Usable usable)) {
      return;
    }
    var before = fingerprint;
    var now = loader.fingerprint(offer);
    if (now != null && !now.equals(before)) {
      fingerprint = now;
      change = before == null ? null : loader.describeChange(offer, usable, now);
    }
    var since = change == null ? source().change(id()) : null; // before it was loaded
    if (since != null) {
      change = loader.describeChange(offer, usable, since);
    }
  }
}
