package org.wasmbroker.replay;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.recording.TapeEntry;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestCache;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Document;

/** What the recorded step found in its cache. Nothing is kept. */
final class ReplayCache implements GuestCache {
  private static final String KIND = "cache";

  private final Answers answers;
  private final ReplaySecrets secrets;
  private final LinkedHashMap<String, Long> used = new LinkedHashMap<>();

  ReplayCache(Answers answers, ReplaySecrets secrets) {
    this.answers = answers;
    this.secrets = secrets;
    for (var name :
        new String[] {
          "hits", "misses", "puts", "refused", "deletes", "bytes_read", "bytes_written"
        }) {
      used.put(name, 0L);
    }
  }

  @Override
  public @Nullable Document get(Document key) {
    var masked = secrets.masked(key.bytes());
    var entry =
        answers.take(
            KIND,
            "for the cache's value of " + EntryText.text(masked),
            one -> one instanceof TapeEntry.CacheRead read && read.key().equals(masked));
    if (entry instanceof TapeEntry.CacheRead read) {
      count(read.used());
      return read.value();
    }
    return null;
  }

  @Override
  public void put(Document key, Document value, long ttlMillis) throws CallRefusedException {
    var masked = secrets.masked(key.bytes());
    var maskedValue = secrets.masked(value.bytes());
    var entry =
        answers.take(
            KIND,
            "to put %s: %s into the cache"
                .formatted(EntryText.text(masked), EntryText.text(maskedValue)),
            one ->
                one instanceof TapeEntry.CacheWritten written
                    && written.key().equals(masked)
                    && written.value().equals(maskedValue)
                    && written.ttlMillis() == ttlMillis);
    if (entry instanceof TapeEntry.CacheWritten written) {
      count(written.used());
      if (written.error() != null) {
        throw new CallRefusedException(written.error(), "");
      }
    } else {
      throw new CallRefusedException(AbiError.BUDGET, "the recording has no such entry");
    }
  }

  @Override
  public boolean delete(Document key) {
    var masked = secrets.masked(key.bytes());
    var entry =
        answers.take(
            KIND,
            "to delete %s from the cache".formatted(EntryText.text(masked)),
            one -> one instanceof TapeEntry.CacheDeleted deleted && deleted.key().equals(masked));
    if (entry instanceof TapeEntry.CacheDeleted deleted) {
      count(deleted.used());
      return deleted.existed();
    }
    return false;
  }

  private void count(Map<String, Long> more) {
    more.forEach((name, count) -> used.merge(name, count, Long::sum));
  }

  @Override
  public @Nullable CapabilityUsage usage() {
    return used.values().stream().allMatch(count -> count == 0)
        ? null
        : new CapabilityUsage(Capabilities.CACHE.name(), used);
  }
}
