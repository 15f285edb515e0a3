package org.wasmbroker.registry.index;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.Threads;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ModuleEvent;

/** What one source offers. At most one listing of it is under way. Thread-safe. */
final class SourceListing {
  private static final Logger log = LoggerFactory.getLogger(SourceListing.class);
  private static final int MAX_MESSAGE = 1000;

  /** A listing that takes longer is a problem that people should know of. */
  private static final Duration SLOW = Duration.ofSeconds(30);

  private final ModuleSource source;
  private final EventSink events;
  private volatile @Nullable CompletableFuture<@Nullable Void> running; // set by this
  private volatile List<Release> releases;
  private volatile boolean listed;
  private volatile @Nullable Long startedNanos; // of the last listing
  private volatile @Nullable Long endedListingNanos; // when the last one that ended had begun
  private volatile @Nullable String problem;

  /**
   * @param releases what it offered earlier, as far as that is known
   */
  SourceListing(ModuleSource source, List<Release> releases, EventSink events) {
    this.source = source;
    this.releases = List.copyOf(releases);
    this.events = events;
  }

  ModuleSource source() {
    return source;
  }

  List<Release> releases() {
    return releases;
  }

  /** Whether it has been listed, or known to be impossible to list, at least once. */
  boolean isSettled() {
    return listed || problem != null;
  }

  /** Whether a listing has ended that began at this time, of {@link System#nanoTime}, or later. */
  boolean wasListedSince(long nanos) {
    var began = endedListingNanos;
    return began != null && began - nanos >= 0;
  }

  /** How long it is left alone, if a listing may begin only so long after the one before. */
  Duration rest(Duration interval) {
    var started = startedNanos;
    return started == null
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, started + interval.toNanos() - System.nanoTime()));
  }

  @Nullable SourceProblem problem() {
    var message = problem;
    var started = startedNanos;
    if (message == null && running != null && started != null) {
      var taken = Duration.ofNanos(System.nanoTime() - started);
      message =
          taken.compareTo(SLOW) < 0
              ? null
              : "it has been asked for its modules for %d s".formatted(taken.toSeconds());
    }
    return message == null ? null : new SourceProblem(source.location(), message, listed);
  }

  /** The listing that is under way, or null. */
  @Nullable CompletableFuture<@Nullable Void> underWay() {
    return running;
  }

  /**
   * Lists the source, unless a listing is under way, or the one before began less than the interval
   * ago: another thread's may have begun and ended since the caller looked.
   *
   * @param changed is called on the listing's thread when it offers something else than before
   * @param afterwards is called on that thread after each listing that succeeded
   * @return completes with the listing; is complete if nothing is listed
   */
  synchronized CompletableFuture<@Nullable Void> list(
      Duration interval, Runnable changed, Runnable afterwards) {
    var other = running;
    if (other != null) {
      return other;
    }
    var mine = new CompletableFuture<@Nullable Void>();
    if (!rest(interval).isZero()) {
      mine.complete(null);
      return mine;
    }
    boolean begun = false;
    try {
      startedNanos = System.nanoTime();
      running = mine;
      Threads.startTask("registry-list", () -> listNow(mine, changed, afterwards));
      begun = true;
    } finally {
      if (!begun) {
        end(mine);
      }
    }
    return mine;
  }

  private void listNow(
      CompletableFuture<@Nullable Void> listing, Runnable changed, Runnable afterwards) {
    boolean succeeded = false;
    try {
      var found = List.copyOf(source.list());
      boolean news = !found.equals(releases) || !listed;
      releases = found;
      listed = true;
      succeeded();
      succeeded = true;
      if (news) {
        changed.run();
      }
    } catch (RuntimeException | Error failure) {
      failed(failure);
    } finally {
      end(listing);
    }
    if (succeeded) {
      afterwards.run();
    }
  }

  private void end(CompletableFuture<@Nullable Void> listing) {
    endedListingNanos = startedNanos;
    running = null;
    listing.complete(null);
  }

  private void succeeded() {
    if (problem != null) {
      problem = null;
      log.atInfo().addKeyValue("source", source.location()).log("modules can be listed again");
    }
  }

  private void failed(Throwable failure) {
    var message = SafeText.sanitize(String.valueOf(failure.getMessage()), MAX_MESSAGE);
    if (!message.equals(problem)) {
      problem = message;
      log.atError().addKeyValue("source", source.location()).log(message);
    }
    events.on(new ModuleEvent.SourceFailed(source.location(), message));
  }
}
