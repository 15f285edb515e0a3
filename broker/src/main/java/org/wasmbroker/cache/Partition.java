package org.wasmbroker.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.CacheGrant;
import org.wasmbroker.step.Document;

/**
 * The entries of one module and namespace, within what is granted to the handler. Which are dropped
 * is Caffeine's decision. Thread-safe.
 */
final class Partition {
  /** How many entries make room at once. */
  private static final int DROPPED_AT_ONCE = 16;

  private final Cache<EntryKey, Entry> entries;
  private volatile CacheGrant grant;

  /** Told of each entry that is no longer kept. */
  @FunctionalInterface
  interface RemovalListener {
    /**
     * @param dropped for want of room
     */
    void removed(long cost, boolean dropped);
  }

  private record Entry(Document value, long cost, Duration ttl) {}

  Partition(CacheGrant grant, LongSupplier nanoTime, RemovalListener removals) {
    this.grant = grant;
    this.entries =
        Caffeine.newBuilder()
            .maximumWeight(grant.bytes())
            .weigher((EntryKey _, Entry entry) -> weight(entry))
            .expireAfter(Expiry.writing((EntryKey _, Entry entry) -> entry.ttl()))
            .ticker(nanoTime::getAsLong)
            .removalListener(
                (@Nullable EntryKey _, @Nullable Entry entry, RemovalCause cause) -> {
                  if (entry != null) {
                    removals.removed(entry.cost(), cause == RemovalCause.SIZE);
                  }
                })
            .executor(Runnable::run) // no threads: the caller's work is small
            .build();
  }

  /** At least its share of the bytes, so that one bound holds for bytes and entries. */
  private int weight(Entry entry) {
    long share = Math.ceilDiv(grant.bytes(), grant.entries());
    return (int) Math.min(Integer.MAX_VALUE, Math.max(entry.cost(), share));
  }

  @Nullable Document get(Document key) {
    var entry = entries.getIfPresent(new EntryKey(key));
    return entry == null ? null : entry.value();
  }

  /**
   * @param now what is granted now
   */
  void put(Document key, Document value, long cost, Duration ttl, CacheGrant now) {
    if (!now.equals(grant)) {
      grant = now;
      entries.policy().eviction().ifPresent(eviction -> eviction.setMaximum(now.bytes()));
    }
    entries.put(new EntryKey(key), new Entry(value, cost, ttl));
  }

  boolean delete(Document key) {
    return entries.asMap().remove(new EntryKey(key)) != null;
  }

  /** Drops some of the entries that are used least; how many. */
  int dropSome() {
    var coldest =
        entries
            .policy()
            .eviction()
            .map(eviction -> List.copyOf(eviction.coldest(DROPPED_AT_ONCE).keySet()))
            .orElse(List.of());
    coldest.forEach(entries::invalidate);
    return coldest.size();
  }

  /** Forgets what has expired. */
  void sweep() {
    entries.cleanUp();
  }

  boolean isEmpty() {
    return entries.asMap().isEmpty();
  }

  long size() {
    return entries.estimatedSize();
  }
}
