package org.wasmbroker.sandbox.binary;

import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Section;

/**
 * A module whose start function is an export instead, to be called right after instantiation, which
 * is when the engine would have called it. For engines that do not say why a start function failed.
 *
 * @param wasm the module without a start section
 * @param name the export that was the start function
 */
public record StartExport(WasmBinary wasm, String name) {
  private static final int FUNCTION_KIND = 0;

  /**
   * Exports the start function.
   *
   * @param shape the shape of these bytes
   * @throws IllegalArgumentException if there is no start function
   */
  public static StartExport of(WasmBinary wasm, ModuleShape shape) {
    int start =
        shape.start().orElseThrow(() -> new IllegalArgumentException("there is no start function"));
    var name = shape.unusedExportName("start");
    var editor = new ModuleEditor(wasm, shape);
    editor.remove(Section.START);
    editor.append(Section.EXPORT, new WasmWriter().name(name).u8(FUNCTION_KIND).u32(start));
    return new StartExport(editor.toBinary(), name);
  }
}
