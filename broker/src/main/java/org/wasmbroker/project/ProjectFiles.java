package org.wasmbroker.project;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.InvalidTextException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.wasmtime.TextFormat;
import org.wasmbroker.step.Document;

/** What a built project consists of: the two files of a handler, not checked. */
public record ProjectFiles(Document manifest, WasmBinary wasm) {
  private static final int MAX_TEXT_BYTES = 16 << 20;

  /** What the assembler calls a text. */
  private static final String UNNAMED = "<anon>";

  /**
   * Reads the manifest and the module; a module in the text format is assembled, and a script
   * becomes the content of its interpreter's module.
   *
   * @param maxModuleBytes the size of the largest module that is read
   * @param library the libwasmtime to assemble with, or null for the bundled one
   * @throws ProjectException if the module is missing, too large, or not the text of a module, or
   *     if this broker has no such interpreter
   */
  public static ProjectFiles read(
      HandlerProject project, int maxModuleBytes, @Nullable Path library) throws IOException {
    var manifest = Document.of(project.manifestBytes());
    if (!Files.exists(project.module())) {
      throw new ProjectException(
          "%s has no module %s".formatted(project.directory(), project.relative(project.module())));
    }
    return new ProjectFiles(manifest, module(project, maxModuleBytes, library));
  }

  private static WasmBinary module(
      HandlerProject project, int maxModuleBytes, @Nullable Path library) throws IOException {
    var interpreter = project.interpreter();
    if (interpreter != null) {
      return Scripts.inInterpreter(
          interpreter, BoundedFiles.read(project.module(), MAX_TEXT_BYTES));
    }
    return project.isText()
        ? assembled(project, library)
        : new WasmBinary(BoundedFiles.read(project.module(), maxModuleBytes));
  }

  private static WasmBinary assembled(HandlerProject project, @Nullable Path library)
      throws IOException {
    var text = BoundedFiles.read(project.module(), MAX_TEXT_BYTES);
    try {
      return TextFormat.load(library).toWasm(text);
    } catch (InvalidTextException invalid) {
      throw new ProjectException(
          "%s is not a module:\n%s"
              .formatted(
                  project.relative(project.module()),
                  String.valueOf(invalid.getMessage())
                      .replace(UNNAMED, String.valueOf(project.module().getFileName()))),
          invalid);
    }
  }
}
