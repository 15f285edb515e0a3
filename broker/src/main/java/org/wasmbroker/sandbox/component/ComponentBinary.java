package org.wasmbroker.sandbox.component;

import org.wasmbroker.sandbox.WasmBinary;

/** Whether a file is a component. */
public final class ComponentBinary {
  private static final byte[] HEADER = {0, 'a', 's', 'm', 0x0d, 0, 1, 0};

  private ComponentBinary() {}

  /** Whether it begins as a component does, in the one version that there is. */
  public static boolean isComponent(WasmBinary wasm) {
    return isComponent(wasm.bytes(), 0);
  }

  static boolean isComponent(byte[] bytes, int start) {
    if (bytes.length - start < HEADER.length) {
      return false;
    }
    for (int i = 0; i < HEADER.length; i++) {
      if (bytes[start + i] != HEADER[i]) {
        return false;
      }
    }
    return true;
  }
}
