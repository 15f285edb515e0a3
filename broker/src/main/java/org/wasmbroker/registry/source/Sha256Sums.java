package org.wasmbroker.registry.source;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.SafeText;

/** The digests of a file in the format of {@code sha256sum}: one digest and path per line. */
final class Sha256Sums {
  private static final Pattern LINE = Pattern.compile("([0-9a-fA-F]{64}) [ *](?:\\./)?(.+)");

  private final Map<String, Digest> digests;

  private Sha256Sums(Map<String, Digest> digests) {
    this.digests = digests;
  }

  /**
   * @param where the file, for messages
   * @throws ModuleSourceException naming an invalid line, or a path with two digests
   */
  static Sha256Sums parse(String text, String where) {
    var digests = new HashMap<String, Digest>();
    int number = 0;
    for (var line : text.lines().toList()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      var parts = LINE.matcher(line);
      if (!parts.matches()) {
        throw new ModuleSourceException(
            "%s, line %d: expected '<64 hex digits>  <path>' as written by sha256sum, was '%s'"
                .formatted(where, number, SafeText.sanitize(line, 100)),
            null);
      }
      var digest = new Digest(parts.group(1).toLowerCase(Locale.ROOT));
      var existing = digests.putIfAbsent(parts.group(2), digest);
      if (existing != null && !existing.equals(digest)) {
        throw new ModuleSourceException(
            "%s, line %d: %s has two different digests; keep the right one"
                .formatted(where, number, SafeText.sanitize(parts.group(2), 200)),
            null);
      }
    }
    return new Sha256Sums(Map.copyOf(digests));
  }

  @Nullable Digest of(String path) {
    return digests.get(path);
  }

  Iterable<String> paths() {
    return digests.keySet();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Sha256Sums sums && digests.equals(sums.digests);
  }

  @Override
  public int hashCode() {
    return digests.hashCode();
  }

  /**
   * @throws ModuleSourceException if the actual digest is not the recorded one
   */
  static void verify(String path, Digest expected, Digest actual, String where) {
    if (!expected.equals(actual)) {
      throw new ModuleSourceException(
          "%s: %s has the SHA-256 %s, but SHA256SUMS says %s; it is not used. Put the right file there, or record the new digest with sha256sum"
              .formatted(where, path, actual, expected),
          null);
    }
  }
}
