package org.wasmbroker.rollout;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * One of 10,000 buckets for each step, as docs/rollout.md describes: the same in every attempt and
 * on every broker, for ever. A candidate with a weight of w percent gets the first 100·w buckets,
 * so that a larger weight only adds steps to it. The salt, a hash of handler and candidate, makes
 * that other steps come first at the next candidate.
 */
final class Bucket {
  static final int COUNT = Percent.WHOLE;

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Bucket() {}

  /** FNV-1a of the UTF-8 bytes of {@code handler@version}. */
  static long salt(String handler, String candidate) {
    long hash = FNV_OFFSET;
    for (byte b : (handler + "@" + candidate).getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    return hash;
  }

  /** From 0 to 9,999: the high 64 bits of hash · 10,000, the hash taken as unsigned. */
  static int of(UUID step, long salt) {
    long hash = mix(mix(salt ^ step.getMostSignificantBits()) ^ step.getLeastSignificantBits());
    return (int) Math.unsignedMultiplyHigh(hash, COUNT);
  }

  /** The finalizer of SplitMix64. */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
