package org.wasmbroker.project;

import static java.util.stream.Collectors.joining;

import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.BundledModules;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleContent;

/** Modules that are an interpreter of the broker and a script. */
final class Scripts {
  private static final BundledModules INTERPRETERS = new BundledModules();

  private Scripts() {}

  /**
   * The interpreter's module with the script as its content.
   *
   * @throws ProjectException if this broker has no such interpreter; the message names those of its
   *     name
   */
  static WasmBinary inInterpreter(ReleaseId interpreter, byte[] script) {
    var releases = INTERPRETERS.list();
    if (releases.stream().map(Release::id).noneMatch(interpreter::equals)) {
      var versions =
          releases.stream()
              .map(Release::id)
              .filter(id -> id.handler().equals(interpreter.handler()))
              .map(ReleaseId::toString)
              .collect(joining(", "));
      throw new ProjectException(
          "this broker has no interpreter %s%s; handler.yaml names the interpreter"
              .formatted(interpreter, versions.isEmpty() ? "" : ", but " + versions));
    }
    return ModuleContent.put(INTERPRETERS.fetch(interpreter).wasm(), script);
  }
}
