package org.wasmbroker.sandbox.binary;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes parts of a module. */
final class WasmWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  WasmWriter u8(int value) {
    bytes.write(value);
    return this;
  }

  WasmWriter u32(long value) {
    long rest = value;
    while (rest >= 0x80) {
      bytes.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes.write((int) rest);
    return this;
  }

  WasmWriter name(String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    return u32(utf8.length).raw(utf8, 0, utf8.length);
  }

  WasmWriter raw(byte[] source, int from, int to) {
    bytes.write(source, from, to - from);
    return this;
  }

  WasmWriter raw(WasmWriter content) {
    bytes.writeBytes(content.toBytes());
    return this;
  }

  /** Writes the length of the content, then the content. */
  WasmWriter sized(WasmWriter content) {
    u32(content.bytes.size());
    bytes.writeBytes(content.toBytes());
    return this;
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }
}
