package org.wasmbroker.cache;

import java.time.Duration;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.CacheGrant;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestCache;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.EventSink;

/**
 * The cache of one step, for all of its runs: counts, and keeps no value of a secret that the step
 * was given. A step puts at most as many bytes as are granted: with more it would only replace what
 * it has put itself. Used by the step's thread.
 */
final class StepCache implements GuestCache {
  private static final String WHERE = "the cache";

  private final GuestCaches caches;
  private final PartitionKey partition;
  private final CacheGrant granted;
  private final Step step;
  private final ModuleId module;
  private final StepSecrets secrets;
  private final EventSink events;
  private long hits;
  private long misses;
  private long puts;
  private long refused;
  private long deletes;
  private long bytesRead;
  private long bytesWritten;
  private long spent;

  StepCache(
      GuestCaches caches,
      CacheGrant granted,
      Step step,
      ModuleId module,
      StepSecrets secrets,
      EventSink events) {
    this.caches = caches;
    this.partition = PartitionKey.of(module, step);
    this.granted = granted;
    this.step = step;
    this.module = module;
    this.secrets = secrets;
    this.events = events;
  }

  @Override
  public @Nullable Document get(Document key) {
    var value = caches.get(partition, key);
    if (value == null) {
      misses++;
    } else {
      hits++;
      bytesRead += value.size();
    }
    return value;
  }

  @Override
  public void put(Document key, Document value, long ttlMillis) throws CallRefusedException {
    try {
      checkedPut(key, value, ttlMillis);
      puts++;
      bytesWritten += value.size();
    } catch (CallRefusedException reason) {
      refused++;
      throw reason;
    }
  }

  private void checkedPut(Document key, Document value, long ttlMillis)
      throws CallRefusedException {
    long cost = GuestCaches.cost(key, value);
    if (cost > granted.bytes()) {
      throw new CallRefusedException(
          AbiError.TOO_LARGE, "an entry of %d bytes does not fit".formatted(cost));
    }
    if (spent + cost > granted.bytes()) {
      throw new CallRefusedException(
          AbiError.BUDGET, "the step has put as many bytes as are granted");
    }
    spent += cost;
    if (secrets.findLeak(key.bytes(), WHERE).isPresent()
        || secrets.findLeak(value.bytes(), WHERE).isPresent()) {
      throw new CallRefusedException(AbiError.DENIED, "the entry contains the value of a secret");
    }
    long longest = granted.ttl().toMillis();
    caches.put(partition, granted, key, value, Duration.ofMillis(Math.min(ttlMillis, longest)));
  }

  @Override
  public boolean delete(Document key) {
    deletes++;
    return caches.delete(partition, key);
  }

  @Override
  public @Nullable CapabilityUsage usage() {
    if (hits + misses + puts + refused + deletes == 0) {
      return null;
    }
    var counts = new LinkedHashMap<String, Long>();
    counts.put("hits", hits);
    counts.put("misses", misses);
    counts.put("puts", puts);
    counts.put("refused", refused);
    counts.put("deletes", deletes);
    counts.put("bytes_read", bytesRead);
    counts.put("bytes_written", bytesWritten);
    return new CapabilityUsage(Capabilities.CACHE.name(), counts);
  }

  @Override
  public void close() {
    if (hits + misses + puts + refused + deletes > 0) {
      events.on(new CallEvent.CacheUsed(step, module, hits, misses, puts, refused, deletes));
    }
  }
}
