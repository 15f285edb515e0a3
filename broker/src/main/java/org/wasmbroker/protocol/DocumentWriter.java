package org.wasmbroker.protocol;

import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * Writes a JSON object as the bytes that a guest or Postgres gets: there is never a text of it, and
 * documents in it are copied once. The caller balances what it starts and ends. A value that is
 * null is written as {@code null}; a surrogate without its other half as a question mark, like
 * {@link String#getBytes(java.nio.charset.Charset)} does.
 */
public final class DocumentWriter {
  private static final int INITIAL_BYTES = 2048;

  /** A thread keeps no larger buffer than this for its next document. */
  private static final int MAX_KEPT_BYTES = 1 << 16;

  private static final ThreadLocal<DocumentWriter> WRITERS =
      ThreadLocal.withInitial(DocumentWriter::new);
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };
  private static final int LONG_DIGITS = 20;

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int size;
  private boolean used;

  private DocumentWriter() {}

  /** The object whose members {@code members} writes. */
  public static Document object(Consumer<DocumentWriter> members) {
    var kept = WRITERS.get();
    var writer = kept.used ? new DocumentWriter() : kept;
    writer.used = true;
    try {
      writer.put('{');
      members.accept(writer);
      writer.put('}');
      return Document.of(Arrays.copyOf(writer.bytes, writer.size));
    } finally {
      writer.reset();
    }
  }

  private void reset() {
    if (bytes.length > MAX_KEPT_BYTES) {
      bytes = new byte[INITIAL_BYTES];
    }
    size = 0;
    used = false;
  }

  /** Starts a member that is an object. */
  public DocumentWriter start(String name) {
    name(name);
    put('{');
    return this;
  }

  public DocumentWriter end() {
    put('}');
    return this;
  }

  public DocumentWriter member(String name, @Nullable String value) {
    name(name);
    value(value);
    return this;
  }

  public DocumentWriter member(String name, long value) {
    name(name);
    digits(value);
    return this;
  }

  public DocumentWriter member(String name, boolean value) {
    name(name);
    ascii(value ? "true" : "false");
    return this;
  }

  public DocumentWriter member(String name, @Nullable UUID value) {
    return member(name, value == null ? null : value.toString());
  }

  /** A member that is a document, byte for byte. */
  public DocumentWriter member(String name, @Nullable Document value) {
    name(name);
    if (value == null) {
      ascii("null");
    } else {
      copy(value.bytes(), 0, value.size());
    }
    return this;
  }

  /** A member that is a part of a document, byte for byte. */
  public DocumentWriter member(String name, Document source, int from, int to) {
    name(name);
    copy(source.bytes(), from, to - from);
    return this;
  }

  public DocumentWriter member(String name, List<String> values) {
    name(name);
    put('[');
    for (var value : values) {
      separate();
      value(value);
    }
    put(']');
    return this;
  }

  private void name(String name) {
    separate();
    value(name);
    put(':');
  }

  /** A comma, unless this is the first of its object or list. */
  private void separate() {
    byte last = bytes[size - 1];
    if (last != '{' && last != '[') {
      put(',');
    }
  }

  private void value(@Nullable String value) {
    if (value == null) {
      ascii("null");
      return;
    }
    int length = value.length();
    reserve(length + 2);
    bytes[size++] = '"';
    for (int i = 0; i < length; i++) {
      char at = value.charAt(i);
      if (at < ' ' || at >= 0x7f || at == '"' || at == '\\') {
        rest(value, i);
        return;
      }
      bytes[size++] = (byte) at;
    }
    bytes[size++] = '"';
  }

  /** What follows the first character that is escaped or takes more than one byte. */
  private void rest(String value, int from) {
    for (int i = from; i < value.length(); ) {
      int point = value.codePointAt(i);
      i += Character.charCount(point);
      reserve(6);
      switch (point) {
        case '"', '\\' -> escape(point);
        case '\n' -> escape('n');
        case '\r' -> escape('r');
        case '\t' -> escape('t');
        default -> {
          if (point < ' ') {
            ascii("\\u00");
            put(HEX[point >> 4]);
            put(HEX[point & 15]);
          } else {
            utf8(point);
          }
        }
      }
    }
    put('"');
  }

  private void escape(int character) {
    put('\\');
    put(character);
  }

  private void utf8(int point) {
    if (point < 0x80) {
      put(point);
    } else if (point < 0x800) {
      put(0xc0 | (point >> 6));
      put(0x80 | (point & 0x3f));
    } else if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
      put('?');
    } else if (point < 0x10000) {
      put(0xe0 | (point >> 12));
      put(0x80 | ((point >> 6) & 0x3f));
      put(0x80 | (point & 0x3f));
    } else {
      put(0xf0 | (point >> 18));
      put(0x80 | ((point >> 12) & 0x3f));
      put(0x80 | ((point >> 6) & 0x3f));
      put(0x80 | (point & 0x3f));
    }
  }

  private void digits(long value) {
    if (value < 0) {
      ascii(Long.toString(value));
      return;
    }
    reserve(LONG_DIGITS);
    int end = size + 1;
    for (long rest = value / 10; rest > 0; rest /= 10) {
      end++;
    }
    size = end;
    long rest = value;
    do {
      bytes[--end] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
  }

  private void ascii(String text) {
    reserve(text.length());
    for (int i = 0; i < text.length(); i++) {
      bytes[size++] = (byte) text.charAt(i);
    }
  }

  private void put(int value) {
    reserve(1);
    bytes[size++] = (byte) value;
  }

  private void copy(byte[] source, int from, int length) {
    reserve(length);
    System.arraycopy(source, from, bytes, size, length);
    size += length;
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
    }
  }
}
