package org.wasmbroker.cache;

import java.util.Arrays;
import org.wasmbroker.step.Document;

/**
 * A key as the guest wrote it. It is ordered so that many keys of one hash, which a guest can find
 * easily, are still found fast.
 */
record EntryKey(Document bytes) implements Comparable<EntryKey> {
  @Override
  public int compareTo(EntryKey other) {
    return Arrays.compare(bytes.bytes(), other.bytes.bytes());
  }
}
