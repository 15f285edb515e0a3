package org.wasmbroker.sandbox.host;

import java.util.List;
import java.util.Optional;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.GrowthProbe;
import org.wasmbroker.sandbox.binary.ModuleShape;

/**
 * A module that was admitted, and what an engine needs to know of it.
 *
 * @param wasm what the engine is to compile: the module, with a probe where it can have one
 * @param shape the shape of {@code wasm}
 * @param probe tells after a run whether the memory limit stopped the guest's growth
 * @param imports the host functions that the module imports, in the order of its imports
 * @param hasInitializer whether {@code _initialize} is to be called before the entry
 */
public record ValidatedModule(
    WasmBinary wasm,
    ModuleShape shape,
    Optional<GrowthProbe> probe,
    List<HostFunction> imports,
    EntryPoint entryPoint,
    boolean hasInitializer) {

  public ValidatedModule {
    imports = List.copyOf(imports);
  }

  /** The size of the memory before the guest grows it. */
  public long initialMemoryBytes() {
    return shape.memories().getFirst().min() * ModuleShape.PAGE_BYTES;
  }

  /** The elements of the table before the guest grows it. */
  public long initialTableElements() {
    long elements = 0;
    for (var table : shape.tables()) {
      elements += table.size().min();
    }
    return elements;
  }

  public GuestKind kind() {
    return entryPoint == EntryPoint.START ? GuestKind.COMMAND : GuestKind.REACTOR;
  }

  /** The exported function that is called. */
  public enum EntryPoint {
    /** A reactor's {@code run}, which gives nothing. */
    RUN("run", false),
    /** A reactor's {@code run}, which gives a code, 0 for success. */
    RUN_WITH_EXIT_CODE("run", true),
    /** A WASI command's {@code _start}, which gives nothing. */
    START("_start", false);

    private final String export;
    private final boolean returnsExitCode;

    EntryPoint(String export, boolean givesCode) {
      this.export = export;
      this.returnsExitCode = givesCode;
    }

    public String export() {
      return export;
    }

    public boolean givesCode() {
      return returnsExitCode;
    }
  }
}
