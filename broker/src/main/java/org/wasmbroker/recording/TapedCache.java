package org.wasmbroker.recording;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestCache;
import org.wasmbroker.step.Document;

/** Keeps what a step found in its cache, and what it put there. */
final class TapedCache implements GuestCache {
  private final GuestCache cache;
  private final Tape tape;
  private final UsageDelta used;

  TapedCache(GuestCache cache, Tape tape) {
    this.cache = cache;
    this.tape = tape;
    this.used = new UsageDelta(cache);
  }

  @Override
  public @Nullable Document get(Document key) {
    var value = cache.get(key);
    tape.add(
        new TapeEntry.CacheRead(key, value, used.take()),
        (long) key.size() + (value == null ? 0 : value.size()));
    return value;
  }

  @Override
  public void put(Document key, Document value, long ttlMillis) throws CallRefusedException {
    try {
      cache.put(key, value, ttlMillis);
      written(key, value, ttlMillis, null);
    } catch (CallRefusedException refused) {
      written(key, value, ttlMillis, refused.error());
      throw refused;
    }
  }

  private void written(Document key, Document value, long ttlMillis, @Nullable AbiError error) {
    tape.add(
        new TapeEntry.CacheWritten(key, value, ttlMillis, error, used.take()),
        (long) key.size() + value.size());
  }

  @Override
  public boolean delete(Document key) {
    boolean existed = cache.delete(key);
    tape.add(new TapeEntry.CacheDeleted(key, existed, used.take()), key.size());
    return existed;
  }
}
