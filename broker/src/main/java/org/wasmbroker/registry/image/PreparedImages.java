package org.wasmbroker.registry.image;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.telemetry.EventSink;

/**
 * The prepared images of all modules of a broker, bounded in bytes. Which are kept is Caffeine's
 * decision: those that are used often stay, however many others pass by. What is dropped stays
 * valid for the runs that use it. Thread-safe.
 */
public final class PreparedImages {
  /** Sizes are counted in these, since a weight is an int. */
  private static final int UNIT_BYTES = 1024;

  /** No single image may take more than this part of the cache. */
  private static final int LARGEST_SHARE = 4;

  private final long maximumBytes;
  private final EventSink events;
  private final LongSupplier nanoTime;
  private final LongSupplier computedNanos;
  private final Cache<ImageKey, KnownPreparation> known;
  private final Set<ImageKey> inPreparation = ConcurrentHashMap.newKeySet();
  private final Sightings sightings = new Sightings();
  private final LongAdder evicted = new LongAdder();
  private final Map<Lookup, LongAdder> lookups = new EnumMap<>(Lookup.class);

  /**
   * @param maximumBytes of all images together; 0 for none, so that each run prepares itself
   */
  public PreparedImages(long maximumBytes, EventSink events) {
    this(maximumBytes, events, System::nanoTime, PreparedImages::computedNanos);
  }

  PreparedImages(long maximumBytes, EventSink events, LongSupplier clock) {
    this(maximumBytes, events, clock, clock);
  }

  /**
   * @param computedNanos for how long the calling thread has computed
   */
  private PreparedImages(
      long maximumBytes, EventSink events, LongSupplier nanoTime, LongSupplier computedNanos) {
    this.maximumBytes = maximumBytes;
    this.events = events;
    this.nanoTime = nanoTime;
    this.computedNanos = computedNanos;
    for (var lookup : Lookup.values()) {
      lookups.put(lookup, new LongAdder());
    }
    known =
        Caffeine.newBuilder()
            .maximumWeight(maximumBytes / UNIT_BYTES)
            .weigher(PreparedImages::weight)
            .evictionListener((_, _, cause) -> onRemoval(cause))
            .executor(Runnable::run) // no threads: the caller's work is small
            .build();
  }

  /** A pause of the thread, or of the process, costs nobody anything, and computes nothing. */
  private static long computedNanos() {
    return Thread.currentThread().isVirtual()
        ? System.nanoTime()
        : ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static int weight(ImageKey key, KnownPreparation preparation) {
    long units = (key.bytes() + preparation.bytes() + UNIT_BYTES - 1) / UNIT_BYTES;
    return (int) Math.min(Integer.MAX_VALUE, units);
  }

  private void onRemoval(RemovalCause cause) {
    if (cause.wasEvicted()) {
      evicted.increment();
    }
  }

  /** The module, whose runs start with images where that pays. */
  public CompiledModule over(CompiledModule module) {
    if (maximumBytes == 0) {
      return module;
    }
    return module
        .imageMaker()
        .<CompiledModule>map(
            maker -> new ImagedModule(module, maker, this, events, nanoTime, computedNanos))
        .orElse(module);
  }

  @Nullable KnownPreparation find(ImageKey key) {
    return known.getIfPresent(key);
  }

  /** Notes that the key is wanted; true if it was not long ago. */
  boolean wantedBefore(ImageKey key) {
    return sightings.seenBefore(key.fingerprint());
  }

  /** False if another thread prepares for it; else {@link #endPreparation} has to follow. */
  boolean beginPreparation(ImageKey key) {
    return inPreparation.add(key);
  }

  void endPreparation(ImageKey key) {
    inPreparation.remove(key);
  }

  void keep(ImageKey key, KnownPreparation preparation) {
    known.put(key, preparation);
  }

  void forget(ImageKey key) {
    known.invalidate(key);
  }

  /** Of a module that gets no more runs. */
  void forgetAll(CompiledModule module) {
    known.asMap().keySet().removeIf(key -> key.module().equals(module));
  }

  void count(Lookup lookup) {
    counter(lookup).increment();
  }

  private LongAdder counter(Lookup lookup) {
    return Objects.requireNonNull(lookups.get(lookup));
  }

  /** In bytes. */
  long largestImage() {
    return maximumBytes / LARGEST_SHARE;
  }

  /** How many look-ups ended so. */
  public long lookups(Lookup lookup) {
    return counter(lookup).sum();
  }

  /** How many images and failures were dropped because others needed their place. */
  public long evicted() {
    return evicted.sum();
  }

  /** How many images and failures are kept. */
  public long count() {
    return known.estimatedSize();
  }

  /** What they occupy, in bytes. */
  public long bytes() {
    return known.policy().eviction().stream()
        .mapToLong(eviction -> eviction.weightedSize().orElse(0) * UNIT_BYTES)
        .sum();
  }

  /** What they may occupy, in bytes. */
  public long maximumBytes() {
    return maximumBytes;
  }

  /** Does what Caffeine puts off; for tests. */
  void settle() {
    known.cleanUp();
  }
}
