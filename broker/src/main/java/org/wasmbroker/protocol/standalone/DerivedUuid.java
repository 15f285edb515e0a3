package org.wasmbroker.protocol.standalone;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/** Ids that follow from another id and a name: version 5 of RFC 9562. */
final class DerivedUuid {
  private static final long VERSION = 0x5000L;
  private static final long VARIANT = 0x8000_0000_0000_0000L;

  private DerivedUuid() {}

  static UUID of(UUID namespace, String name) {
    var text = name.getBytes(StandardCharsets.UTF_8);
    var named = ByteBuffer.allocate(2 * Long.BYTES + text.length);
    named.putLong(namespace.getMostSignificantBits());
    named.putLong(namespace.getLeastSignificantBits()).put(text);
    var hash = ByteBuffer.wrap(sha1(named.array()));
    return new UUID(
        (hash.getLong() & ~0xF000L) | VERSION, (hash.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | VARIANT);
  }

  private static byte[] sha1(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(bytes);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-1", impossible);
    }
  }
}
