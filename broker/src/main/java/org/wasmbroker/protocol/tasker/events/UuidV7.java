package org.wasmbroker.protocol.tasker.events;

import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** UUIDs that start with a timestamp (RFC 9562, version 7), like Tasker's own. */
final class UuidV7 {
  private UuidV7() {}

  static UUID at(Instant time) {
    var random = ThreadLocalRandom.current();
    long high = (time.toEpochMilli() << 16) | 0x7000L | (random.nextLong() & 0x0FFFL);
    long low = (random.nextLong() >>> 2) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }
}
