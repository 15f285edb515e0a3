package org.wasmbroker.step;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** A SHA-256 digest, as 64 lower-case hex digits. */
public record Digest(String hex) {
  /**
   * How much is hashed in one call. A process that has just started interprets the first calls; one
   * call for everything would be interpreted to its end.
   */
  private static final int CHUNK_BYTES = 16 << 10;

  private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{64}");

  public Digest {
    if (!SHAPE.matcher(hex).matches()) {
      throw new IllegalArgumentException(
          "a SHA-256 digest has 64 lower-case hex digits, was '"
              + SafeText.sanitize(hex, 80)
              + "'");
    }
  }

  public static Digest of(byte[] bytes) {
    var sha = sha256();
    for (int at = 0; at < bytes.length; at += CHUNK_BYTES) {
      sha.update(bytes, at, Math.min(CHUNK_BYTES, bytes.length - at));
    }
    return new Digest(HexFormat.of().formatHex(sha.digest()));
  }

  /** The digest of all that a stream has; does not close it. */
  public static Digest of(InputStream stream) throws IOException {
    var sha = sha256();
    var chunk = new byte[CHUNK_BYTES];
    for (int read = stream.read(chunk); read >= 0; read = stream.read(chunk)) {
      sha.update(chunk, 0, read);
    }
    return new Digest(HexFormat.of().formatHex(sha.digest()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }

  @Override
  public String toString() {
    return hex;
  }
}
