package org.wasmbroker.sandbox.binary;

import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Section;

/**
 * A module whose start function is exported instead, to be called right after instantiation, when
 * the engine would have called it. For engines that do not report why a start function failed.
 *
 * @param wasm the module without a start section
 * @param name the name under which the start function is exported
 */
public record StartExport(WasmBinary wasm, String name) {
  private static final int FUNCTION_KIND = 0;

  /**
   * Exports the start function.
   *
   * @param shape the shape of this binary
   * @throws IllegalArgumentException if the module has no start function
   */
  public static StartExport of(WasmBinary wasm, ModuleShape shape) {
    int start =
        shape
            .start()
            .orElseThrow(() -> new IllegalArgumentException("the module has no start function"));
    var name = shape.unusedExportName("start");
    var editor = new ModuleEditor(wasm, shape);
    editor.remove(Section.START);
    editor.append(Section.EXPORT, new WasmWriter().name(name).u8(FUNCTION_KIND).u32(start));
    return new StartExport(editor.toBinary(), name);
  }
}
