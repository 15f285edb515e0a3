package org.wasmbroker.schema;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * As much of URI references as schemas need.
 *
 * @param fragment decoded, empty if there is none
 */
record SchemaUri(String uri, String fragment) {
  /** The reference in a resource with the URI {@code base}. */
  static SchemaUri resolve(String base, String reference) {
    int hash = reference.indexOf('#');
    return hash < 0
        ? new SchemaUri(join(base, reference), "")
        : new SchemaUri(
            join(base, reference.substring(0, hash)), decode(reference.substring(hash + 1)));
  }

  private static String join(String base, String path) {
    if (path.isEmpty()) {
      return base;
    }
    if (hasScheme(path)) {
      return path;
    }
    int colon = base.indexOf(':');
    var scheme = base.substring(0, colon + 1);
    var rest = base.substring(colon + 1);
    if (path.startsWith("//")) {
      return scheme + path;
    }
    var authority = "";
    if (rest.startsWith("//")) {
      int slash = rest.indexOf('/', 2);
      authority = slash < 0 ? rest : rest.substring(0, slash);
      rest = slash < 0 ? "" : rest.substring(slash);
    }
    if (path.startsWith("/")) {
      return scheme + authority + withoutDots(path);
    }
    int slash = rest.lastIndexOf('/');
    var directory = slash < 0 ? "/" : rest.substring(0, slash + 1);
    return scheme + authority + withoutDots(directory + path);
  }

  private static boolean hasScheme(String reference) {
    int colon = reference.indexOf(':');
    return colon > 0
        && isLetter(reference.charAt(0))
        && reference
            .substring(0, colon)
            .chars()
            .allMatch(c -> isLetter(c) || (c >= '0' && c <= '9') || "+.-".indexOf(c) >= 0);
  }

  private static boolean isLetter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static String withoutDots(String path) {
    List<String> kept = new ArrayList<>();
    for (var segment : path.split("/", -1)) {
      if (segment.equals("..")) {
        if (kept.size() > 1) {
          kept.removeLast();
        }
      } else if (!segment.equals(".")) {
        kept.add(segment);
      }
    }
    return String.join("/", kept);
  }

  /** Decodes percent signs; what they do not spell well stays as it is. */
  private static String decode(String fragment) {
    if (fragment.indexOf('%') < 0) {
      return fragment;
    }
    var bytes = fragment.getBytes(StandardCharsets.UTF_8);
    var decoded = ByteBuffer.allocate(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      int high = bytes[i] == '%' && i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = high < 0 ? -1 : Character.digit(bytes[i + 2], 16);
      decoded.put(low < 0 ? bytes[i] : (byte) (high * 16 + low));
      i += low < 0 ? 0 : 2;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
    } catch (CharacterCodingException notText) {
      return fragment;
    }
  }
}
