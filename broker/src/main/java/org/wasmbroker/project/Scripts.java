package org.wasmbroker.project;

import static java.util.stream.Collectors.joining;

import java.util.List;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.BundledModules;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleContent;

/** Modules that are an interpreter of the broker and a script. */
final class Scripts {
  /** One is a handler as well, the others serve nothing but scripts. */
  private static final List<BundledModules> INTERPRETERS =
      List.of(new BundledModules(), BundledModules.interpreters());

  private Scripts() {}

  /**
   * The interpreter's module with the script as its content.
   *
   * @throws ProjectException if this broker has no such interpreter; the message names those of its
   *     name
   */
  static WasmBinary inInterpreter(ReleaseId interpreter, byte[] script) {
    for (var modules : INTERPRETERS) {
      if (modules.list().stream().map(Release::id).anyMatch(interpreter::equals)) {
        return ModuleContent.put(modules.fetch(interpreter).wasm(), script);
      }
    }
    var versions =
        INTERPRETERS.stream()
            .flatMap(modules -> modules.list().stream())
            .map(Release::id)
            .filter(id -> id.handler().equals(interpreter.handler()))
            .map(ReleaseId::toString)
            .collect(joining(", "));
    throw new ProjectException(
        "this broker has no interpreter %s%s; handler.yaml names the interpreter"
            .formatted(interpreter, versions.isEmpty() ? "" : ", but " + versions));
  }
}
