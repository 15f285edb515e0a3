package org.wasmbroker.registry.index;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.telemetry.EventSink;

/**
 * The releases that the sources offer. If several have the same version of a handler, the first
 * source wins. Thread-safe; only {@link #awaitListing} waits.
 */
public final class ReleaseIndex implements AutoCloseable {
  private static final Duration MIN_INTERVAL = Duration.ofMillis(250);

  private final List<SourceListing> sources;
  private final Runnable changed;
  private final Consumer<ModuleSource> listed;

  /**
   * @param sources in order of precedence
   * @param changed is called when a source offers something else than before, by a listing's thread
   * @param listed is called after a source was listed, by the listing's thread
   */
  public ReleaseIndex(
      List<ModuleSource> sources,
      Runnable changed,
      Consumer<ModuleSource> listed,
      EventSink events) {
    this.sources =
        sources.stream().map(source -> new SourceListing(source, source.known(), events)).toList();
    this.changed = changed;
    this.listed = listed;
  }

  /** What there is, as far as it is known. */
  public Map<ReleaseId, Offer> offers() {
    var found = new LinkedHashMap<ReleaseId, Offer>();
    for (var source : sources) {
      for (var release : source.releases()) {
        found.putIfAbsent(release.id(), new Offer(release, source.source()));
      }
    }
    return found;
  }

  /** Why what is known may be out of date, source by source. */
  public List<SourceProblem> problems() {
    return sources.stream().map(SourceListing::problem).filter(Objects::nonNull).toList();
  }

  /** Whether every source on this machine has answered, well or badly. */
  public boolean isLocalSettled() {
    return sources.stream().allMatch(source -> source.source().isRemote() || source.isSettled());
  }

  /** Whether every source has answered, well or badly. */
  public boolean isSettled() {
    return sources.stream().allMatch(SourceListing::isSettled);
  }

  /** Begins to list every source of which no listing is under way. */
  public List<CompletableFuture<@Nullable Void>> list() {
    return sources.stream().map(this::list).toList();
  }

  private CompletableFuture<@Nullable Void> list(SourceListing source) {
    return list(source, Duration.ZERO);
  }

  private CompletableFuture<@Nullable Void> list(SourceListing source, Duration interval) {
    return source.list(interval, changed, () -> listed.accept(source.source()));
  }

  /**
   * Waits until every source has been listed by a listing that began after this call, something has
   * what the caller needs, or the time is over. What was offered a moment before the call is found.
   */
  public void awaitListing(BooleanSupplier found, Duration timeout) {
    long asked = System.nanoTime();
    long end = asked + timeout.toNanos();
    while (!found.getAsBoolean()) {
      var open = sources.stream().filter(source -> !source.wasListedSince(asked)).toList();
      long now = System.nanoTime();
      if (open.isEmpty() || now - end >= 0 || Thread.currentThread().isInterrupted()) {
        return;
      }
      var listings = new ArrayList<CompletableFuture<@Nullable Void>>();
      long wait = end - now;
      for (var source : open) {
        var underWay = source.underWay();
        var rest = source.rest(MIN_INTERVAL);
        if (underWay != null) {
          listings.add(underWay);
        } else if (rest.isZero()) {
          listings.add(list(source, MIN_INTERVAL));
        } else {
          wait = Math.min(wait, rest.toNanos());
        }
      }
      awaitOne(listings, wait);
    }
  }

  /**
   * Waits until every source on this machine was listed, or the time is over: what is there takes
   * precedence in their order only once all of it is known.
   */
  public void awaitLocal(Duration timeout) {
    long end = System.nanoTime() + timeout.toNanos();
    var open =
        sources.stream()
            .filter(source -> !source.source().isRemote() && !source.isSettled())
            .map(this::list)
            .toList();
    await(open, () -> false, end);
  }

  private static void await(
      List<CompletableFuture<@Nullable Void>> listings, BooleanSupplier found, long end) {
    while (true) {
      var unfinished = listings.stream().filter(listing -> !listing.isDone()).toList();
      if (found.getAsBoolean()
          || unfinished.isEmpty()
          || !awaitOne(unfinished, end - System.nanoTime())) {
        return;
      }
    }
  }

  private static boolean awaitOne(
      List<CompletableFuture<@Nullable Void>> listings, long timeoutNanos) {
    try {
      CompletableFuture.anyOf(listings.toArray(CompletableFuture[]::new))
          .get(Math.max(0, timeoutNanos), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException over) {
      return false;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Ends what is under way in the sources. */
  @Override
  public void close() {
    sources.forEach(source -> source.source().close());
  }
}
