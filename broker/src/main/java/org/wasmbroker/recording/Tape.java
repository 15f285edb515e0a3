package org.wasmbroker.recording;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.host.RunTape;
import org.wasmbroker.sandbox.host.StopReason;
import org.wasmbroker.step.Document;

/** Collects the entries of one step, up to a bound. Used by the step's thread. */
final class Tape implements RunTape {
  /** About what an entry takes besides its bytes, in memory and in the file. */
  private static final int ENTRY_BYTES = 64;

  private final int maxBytes;
  private final List<TapeEntry> entries = new ArrayList<>();
  private long bytes;
  private @Nullable String truncated;

  Tape(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * Keeps an entry; beyond the bound, nothing is kept of the step but its beginning and end.
   *
   * @param size the bytes that it refers to
   */
  void add(TapeEntry entry, long size) {
    if (hasRoomFor(size)) {
      entries.add(entry);
    }
  }

  /** Counts bytes that are kept; false once there are too many. */
  boolean hasRoomFor(long size) {
    if (truncated != null) {
      return false;
    }
    bytes += size + ENTRY_BYTES;
    if (bytes > maxBytes) {
      truncated =
          "it exceeded record.largest, which is %d bytes, after %d entries"
              .formatted(maxBytes, entries.size());
      entries.clear();
      return false;
    }
    return true;
  }

  List<TapeEntry> entries() {
    return entries;
  }

  /** Why the entries are missing; null if they are all there. */
  @Nullable String truncated() {
    return truncated;
  }

  @Override
  public void runStarted() {
    add(new TapeEntry.RunStarted(), 0);
  }

  @Override
  public long time(Clock clock, long reading) {
    add(new TapeEntry.TimeRead(clock, reading), 0);
    return reading;
  }

  @Override
  public void random(byte[] random, int count) {
    if (hasRoomFor(count)) {
      var copy = new byte[count];
      System.arraycopy(random, 0, copy, 0, count);
      entries.add(new TapeEntry.RandomBytes(Document.of(copy)));
    }
  }

  @Override
  public boolean timePasses() {
    return true;
  }

  @Override
  public @Nullable StopReason check(long hostCall, boolean entering, @Nullable StopReason stop) {
    if (stop instanceof StopReason.LimitExceeded(var limit, var allowed, var used)
        && limit == LimitKind.TIME) {
      add(new TapeEntry.TimeUp(hostCall, entering, allowed, used), 0);
    }
    return stop;
  }
}
