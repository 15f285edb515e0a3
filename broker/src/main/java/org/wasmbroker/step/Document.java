package org.wasmbroker.step;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of a JSON document (UTF-8). Prints its size and never its content, which may be secret.
 *
 * <p>The array is shared and not copied, since documents cross several stages on the hot path: the
 * creator of a document hands the array over, and readers do not write to it.
 */
public final class Document {
  public static final Document EMPTY = new Document(new byte[0]);

  private final byte[] bytes;

  private Document(byte[] bytes) {
    this.bytes = bytes;
  }

  public static Document of(byte[] bytes) {
    return new Document(bytes);
  }

  public static Document of(String text) {
    return new Document(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The bytes themselves; not to be written to. */
  public byte[] bytes() {
    return bytes;
  }

  public int size() {
    return bytes.length;
  }

  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Document document && Arrays.equals(bytes, document.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "Document[" + bytes.length + " bytes]";
  }
}
