package org.wasmbroker.sandbox.binary;

import java.util.Optional;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.ImportedFunction;
import org.wasmbroker.sandbox.binary.ModuleShape.Section;
import org.wasmbroker.sandbox.binary.ModuleShape.Size;

/**
 * A module that records whether its last memory growth was refused. Engines answer a refused {@code
 * memory.grow} with -1 and do not report it otherwise, so an allocator that aborts would look like
 * any other trap. Hence each {@code memory.grow} is replaced by a call to a function added at the
 * end of the module, which grows the memory and stores the number of refused pages in a global;
 * another added and exported function returns it. None of the module's own indices change.
 *
 * @param wasm the module with the probe
 * @param declared the size and maximum that the module declares for its memory
 */
public record GrowthProbe(WasmBinary wasm, Size declared) {
  /**
   * The added export, a function {@code () -> i32}: the number of pages of the last growth if it
   * was refused, else 0.
   */
  public static final String EXPORT = "wasm_broker:refused_pages";

  private static final int MEMORY_GROW = 0x40;
  private static final int FUNCTION_FORM = 0x60;
  private static final int I32 = ValueType.I32.code();
  private static final int FUNCTION_KIND = 0;
  private static final long MAX_PAGES = 65_536;

  /**
   * Inserts the probe.
   *
   * @param shape the shape of this binary
   * @return empty if the module never grows its memory, has unknown instructions, imports anything
   *     but functions, or already has an export of that name
   */
  public static Optional<GrowthProbe> insertInto(WasmBinary wasm, ModuleShape shape) {
    if (shape.memories().size() != 1
        || shape.export(EXPORT).isPresent()
        || !shape.imports().stream().allMatch(ImportedFunction.class::isInstance)) {
      return Optional.empty();
    }
    int grow = shape.imports().size() + shape.functions().size();
    var code = CodeRewrite.of(wasm, shape, (opcode, _) -> opcode == MEMORY_GROW ? grow : -1);
    if (code == null || code.replacedCount() == 0) {
      return Optional.empty();
    }
    var editor = new ModuleEditor(wasm, shape);
    int growType = editor.append(Section.TYPE, bytes(FUNCTION_FORM, 1, I32, 1, I32));
    int queryType = editor.append(Section.TYPE, bytes(FUNCTION_FORM, 0, 1, I32));
    editor.append(Section.FUNCTION, new WasmWriter().u32(growType));
    editor.append(Section.FUNCTION, new WasmWriter().u32(queryType));
    int global = editor.append(Section.GLOBAL, bytes(I32, 1, 0x41, 0, 0x0b));
    editor.append(Section.EXPORT, new WasmWriter().name(EXPORT).u8(FUNCTION_KIND).u32(grow + 1L));
    editor.replace(Section.CODE, code.content());
    editor.append(Section.CODE, new WasmWriter().sized(growBody(global)));
    editor.append(Section.CODE, new WasmWriter().sized(queryBody(global)));
    return Optional.of(new GrowthProbe(editor.toBinary(), shape.memories().getFirst()));
  }

  /**
   * The memory size that the guest requested, if only the limit prevented it.
   *
   * @param refusedPages what the exported function returned
   * @param memoryBytes the memory's size
   * @return 0 if nothing was refused, or the module's own maximum would have prevented it too
   */
  public long requestedBytes(int refusedPages, long memoryBytes, long limitBytes) {
    long refused = Integer.toUnsignedLong(refusedPages) * ModuleShape.PAGE_BYTES;
    long requested = memoryBytes + refused;
    long maxBytes = declared.clamped(MAX_PAGES).max() * ModuleShape.PAGE_BYTES;
    return refused > 0 && requested > limitBytes && requested <= maxBytes ? requested : 0;
  }

  /** Grows by its parameter; stores it if that was refused, 0 otherwise. */
  private static WasmWriter growBody(int global) {
    return bytes(1, 1, I32) // one local: the result
        .raw(bytes(0x20, 0, MEMORY_GROW, 0, 0x22, 1)) // grow by local 0, store in local 1
        .raw(bytes(0x41, 0x7f, 0x46)) // equal to -1
        .raw(bytes(0x04, I32, 0x20, 0, 0x05, 0x41, 0, 0x0b)) // then local 0, else 0
        .raw(bytes(0x24).u32(global)) // into the global
        .raw(bytes(0x20, 1, 0x0b));
  }

  private static WasmWriter queryBody(int global) {
    return bytes(0, 0x23).u32(global).u8(0x0b);
  }

  private static WasmWriter bytes(int... bytes) {
    var writer = new WasmWriter();
    for (int one : bytes) {
      writer.u8(one);
    }
    return writer;
  }
}
