package org.wasmbroker.sandbox.binary;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a file: whether they start a WebAssembly module, and if not, what they are.
 */
final class ModuleHeader {
  /** The magic number and the version. */
  static final int BYTES = 8;

  private ModuleHeader() {}

  /** What the bytes are instead of a WebAssembly module, or null if they may be one. */
  static @Nullable String mismatch(byte[] bytes) {
    if (bytes.length == 0) {
      return "the module is empty";
    }
    if (startsWith(bytes, 0x00, 'a', 's', 'm')) {
      if (bytes.length < BYTES) {
        return "the module ends within its header, after %d bytes".formatted(bytes.length);
      }
      int version = (bytes[4] & 0xff) | (bytes[5] & 0xff) << 8;
      int layer = (bytes[6] & 0xff) | (bytes[7] & 0xff) << 8;
      if (layer == 1) {
        return "the file is a WebAssembly component, which only the engine wasmtime runs; set"
            + " engine.name to wasmtime, or build a core module (target wasm32-wasip1, not"
            + " wasm32-wasip2)";
      }
      return version == 1 && layer == 0
          ? null
          : "the file is WebAssembly of version %d, layer %d; a module is version 1, layer 0"
              .formatted(version, layer);
    }
    if (startsWith(bytes, 0x7f, 'E', 'L', 'F')) {
      return "the file is an ELF file, a native program or a precompiled module;"
          + " use the WebAssembly binary that it was made from";
    }
    if (isText(bytes)) {
      return "the file is WebAssembly text; compile it first, as with wat2wasm";
    }
    return "the file is not a WebAssembly module: it starts with %s, a module with 0061736d"
        .formatted(HexFormat.of().formatHex(bytes, 0, Math.min(4, bytes.length)));
  }

  private static boolean startsWith(byte[] bytes, int... start) {
    for (int i = 0; i < start.length; i++) {
      if (i >= bytes.length || bytes[i] != start[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether the first non-blank character opens an expression or a comment of the text format. */
  private static boolean isText(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (!Character.isWhitespace(bytes[i])) {
        return bytes[i] == '(' || (bytes[i] == ';' && i + 1 < bytes.length && bytes[i + 1] == ';');
      }
    }
    return false;
  }
}
