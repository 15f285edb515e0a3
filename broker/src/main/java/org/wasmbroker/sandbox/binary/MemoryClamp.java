package org.wasmbroker.sandbox.binary;

import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Section;
import org.wasmbroker.sandbox.binary.ModuleShape.Size;

/**
 * Writes limits into a module, so that its memory and table declare no more than is allowed and any
 * engine refuses to grow them further. For engines that cannot limit an instance themselves.
 */
public final class MemoryClamp {
  private MemoryClamp() {}

  /**
   * The module with the maximum of its memories and tables lowered to the limits; a maximum is
   * added if there was none.
   *
   * @param shape the shape of this binary, within the limits
   */
  public static WasmBinary clamp(WasmBinary wasm, ModuleShape shape, Limits limits) {
    var editor = new ModuleEditor(wasm, shape);
    if (!shape.memories().isEmpty()) {
      editor.replace(Section.MEMORY, memories(shape, limits));
    }
    if (!shape.tables().isEmpty()) {
      editor.replace(Section.TABLE, tables(shape, limits));
    }
    return editor.toBinary();
  }

  private static WasmWriter memories(ModuleShape shape, Limits limits) {
    var content = new WasmWriter().u32(shape.memories().size());
    for (var memory : shape.memories()) {
      write(content, memory.clamped(limits.memoryBytes() / ModuleShape.PAGE_BYTES));
    }
    return content;
  }

  private static WasmWriter tables(ModuleShape shape, Limits limits) {
    var content = new WasmWriter().u32(shape.tables().size());
    for (var table : shape.tables()) {
      write(content.u8(table.type().code()), table.size().clamped(limits.tableElements()));
    }
    return content;
  }

  private static void write(WasmWriter content, Size size) {
    content.u8(1).u32(size.min()).u32(size.max());
  }
}
