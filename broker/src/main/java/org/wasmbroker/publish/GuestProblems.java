package org.wasmbroker.publish;

import java.util.List;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.component.ComponentBinary;
import org.wasmbroker.sandbox.component.ComponentFunctions;
import org.wasmbroker.sandbox.component.ComponentValidator;
import org.wasmbroker.sandbox.host.ModuleValidator;

/** What is wrong with a module or a component, found without an engine. */
final class GuestProblems {
  private GuestProblems() {}

  /**
   * @param maxBytes the size of the largest one
   * @return a sentence for each problem; none if there is none
   */
  static List<String> of(WasmBinary wasm, Limits limits, int maxBytes) {
    var functions = Capabilities.STANDARD.functions();
    return ComponentBinary.isComponent(wasm)
        ? new ComponentValidator(maxBytes, new ComponentFunctions(functions)).problems(wasm, limits)
        : new ModuleValidator(maxBytes, functions.all()).problems(wasm, limits);
  }
}
