package org.wasmbroker.registry.image;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which keys were asked for lately: a table of their fingerprints in sets of {@value #WAYS}, the
 * latest first, in which a new one pushes out the oldest of its set. So it forgets the older of
 * many, needs no clean-up, and costs a cache line; keys that come again and again keep their place
 * unless more than {@value #WAYS} of them fall into one set. Two threads at one set may lose a
 * sighting, which costs a run that prepares itself. Thread-safe.
 */
final class Sightings {
  static final int WAYS = 8;
  private static final int SETS = 1 << 11;

  private final AtomicLongArray fingerprints = new AtomicLongArray(SETS * WAYS);

  /** Notes the key; true if it was noted before and is not forgotten. */
  boolean seenBefore(long fingerprint) {
    int first = setOf(fingerprint) * WAYS;
    for (int at = first; at < first + WAYS; at++) {
      if (fingerprints.getPlain(at) == fingerprint) {
        return true;
      }
    }
    for (int at = first + WAYS - 1; at > first; at--) {
      fingerprints.setPlain(at, fingerprints.getPlain(at - 1));
    }
    fingerprints.setPlain(first, fingerprint);
    return false;
  }

  private static int setOf(long fingerprint) {
    return (int) (fingerprint ^ fingerprint >>> 32) & SETS - 1;
  }
}
