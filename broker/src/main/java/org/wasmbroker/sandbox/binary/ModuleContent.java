package org.wasmbroker.sandbox.binary;

import java.util.Arrays;
import java.util.Optional;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Section;
import org.wasmbroker.step.Document;

/**
 * A module that carries content: bytes that its code reads when it prepares, such as a script. They
 * are in the custom section {@value #SECTION} and no part of the code, so that all modules of the
 * same code are compiled as one.
 *
 * @param code the module without its content
 * @param bytes the content
 */
public record ModuleContent(WasmBinary code, Document bytes) {
  public static final String SECTION = "wasm_broker.content";

  /**
   * Separates them; empty if the module has no content.
   *
   * @param shape the shape of this binary
   * @throws ModuleRefusedException if it has two
   */
  public static Optional<ModuleContent> of(WasmBinary wasm, ModuleShape shape) {
    ModuleContent found = null;
    for (var section : shape.sections()) {
      var bytes = contentOf(wasm, section);
      if (bytes.isPresent()) {
        if (found != null) {
          throw new ModuleRefusedException(
              Reason.INVALID,
              "the module has two sections '%s'; its content is one".formatted(SECTION));
        }
        found = new ModuleContent(without(wasm, section), bytes.orElseThrow());
      }
    }
    return Optional.ofNullable(found);
  }

  private static Optional<Document> contentOf(WasmBinary wasm, Section section) {
    if (section.id() != Section.CUSTOM) {
      return Optional.empty();
    }
    var in = new WasmReader(wasm.bytes(), section.start(), section.end());
    return in.name("the name of a custom section").equals(SECTION)
        ? Optional.of(Document.of(Arrays.copyOfRange(wasm.bytes(), in.offset(), section.end())))
        : Optional.empty();
  }

  private static WasmBinary without(WasmBinary wasm, Section section) {
    return new WasmBinary(
        new WasmWriter()
            .raw(wasm.bytes(), 0, section.header())
            .raw(wasm.bytes(), section.end(), wasm.size())
            .toBytes());
  }

  /**
   * A module with content, at its end.
   *
   * @param code a module without content
   */
  public static WasmBinary put(WasmBinary code, byte[] content) {
    var section = new WasmWriter().name(SECTION).raw(content, 0, content.length);
    return new WasmBinary(
        new WasmWriter()
            .raw(code.bytes(), 0, code.size())
            .u8(Section.CUSTOM)
            .sized(section)
            .toBytes());
  }
}
