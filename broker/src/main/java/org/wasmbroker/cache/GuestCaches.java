package org.wasmbroker.cache;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.CacheGrant;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestCache;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;

/**
 * The caches of all handlers; there is one for the broker. Each module has a partition for each
 * namespace, which is bounded by what is granted to the handler, and all of them together are
 * bounded, too. Where that is reached, whoever puts makes room among its own entries, and is
 * refused if it has none: nobody's entry is dropped for another's. Thread-safe, without threads:
 * what has expired is forgotten when room is needed, and else now and then.
 */
public final class GuestCaches {
  /** What an entry costs besides the bytes of its key and value. */
  static final int ENTRY_BYTES = 128;

  /** What a partition costs without its entries. */
  static final int PARTITION_BYTES = 4 << 10;

  private static final long SWEEP_NANOS = Duration.ofSeconds(1).toNanos();

  /** How many times longer than a sweep the pause after it is at least. */
  private static final long SWEEP_PAUSES = 100;

  private final long maximumBytes;
  private final TimeSource time;
  private final EventSink events;
  private final ConcurrentHashMap<PartitionKey, Partition> partitions = new ConcurrentHashMap<>();
  private final AtomicLong used = new AtomicLong();
  private final AtomicLong nextSweep;
  private final LongAdder dropped = new LongAdder();

  public GuestCaches(CacheConfig config, TimeSource time, EventSink events) {
    this.maximumBytes = config.maxBytes();
    this.time = time;
    this.events = events;
    this.nextSweep = new AtomicLong(time.nanos() + SWEEP_NANOS);
  }

  /**
   * The cache of one step, for all its runs.
   *
   * @param secrets of the step, whose values are not kept
   */
  public GuestCache open(CacheGrant granted, Step step, ModuleId module, StepSecrets secrets) {
    return granted.isNone()
        ? GuestCache.NONE
        : new StepCache(this, granted, step, module, secrets, events);
  }

  @Nullable Document get(PartitionKey of, Document key) {
    var partition = partitions.get(of);
    return partition == null ? null : partition.get(key);
  }

  boolean delete(PartitionKey of, Document key) {
    var partition = partitions.get(of);
    return partition != null && partition.delete(key);
  }

  /** What an entry takes of what is granted. */
  static long cost(Document key, Document value) {
    return (long) key.size() + value.size() + ENTRY_BYTES;
  }

  /**
   * @throws CallRefusedException BUDGET if there is no room
   */
  void put(PartitionKey of, CacheGrant granted, Document key, Document value, Duration ttl)
      throws CallRefusedException {
    long cost = cost(key, value);
    sweepIfDue();
    reserve(of, cost + PARTITION_BYTES);
    partitions.compute(
        of,
        (_, known) -> {
          var partition = known;
          if (partition == null) {
            partition = new Partition(granted, time::nanos, this::removed);
          } else {
            used.addAndGet(-PARTITION_BYTES);
          }
          partition.put(key, value, cost, ttl, granted);
          return partition;
        });
  }

  private void removed(long cost, boolean forRoom) {
    used.addAndGet(-cost);
    if (forRoom) {
      dropped.increment();
    }
  }

  /**
   * @param bytes of the entry, and of a partition, which may have to be made
   */
  private void reserve(PartitionKey of, long bytes) throws CallRefusedException {
    if (tryReserve(bytes)) {
      return;
    }
    var own = partitions.get(of);
    while (own != null) {
      int made = own.dropSome();
      dropped.add(made);
      if (tryReserve(bytes)) {
        return;
      }
      if (made == 0) {
        break;
      }
    }
    throw new CallRefusedException(AbiError.BUDGET, "there is no room in the broker's cache");
  }

  private boolean tryReserve(long bytes) {
    long before = used.get();
    while (before + bytes <= maximumBytes) {
      if (used.compareAndSet(before, before + bytes)) {
        return true;
      }
      before = used.get();
    }
    return false;
  }

  private void sweepIfDue() {
    long now = time.nanos();
    long due = nextSweep.get();
    if (now - due >= 0 && nextSweep.compareAndSet(due, now + SWEEP_NANOS)) {
      sweep();
      long took = time.nanos() - now;
      nextSweep.set(now + Math.max(SWEEP_NANOS, took * SWEEP_PAUSES));
    }
  }

  private void sweep() {
    for (var key : List.copyOf(partitions.keySet())) {
      partitions.computeIfPresent(
          key,
          (_, partition) -> {
            partition.sweep();
            if (partition.isEmpty()) {
              used.addAndGet(-PARTITION_BYTES);
              return null;
            }
            return partition;
          });
    }
  }

  /** How many entries are kept. */
  public long count() {
    return partitions.values().stream().mapToLong(Partition::size).sum();
  }

  /** What they occupy, in bytes. */
  public long bytes() {
    return used.get();
  }

  /** What they may occupy, in bytes. */
  public long maximumBytes() {
    return maximumBytes;
  }

  /** How many entries were dropped for want of room. */
  public long dropped() {
    return dropped.sum();
  }
}
