package org.wasmbroker.sandbox.host;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.GrowthProbe;
import org.wasmbroker.sandbox.binary.ModuleShape;
import org.wasmbroker.sandbox.binary.StateExports.Global;
import org.wasmbroker.step.Document;

/**
 * A validated module, and what an engine needs to know about it.
 *
 * @param wasm what the engine compiles: the module without its content, with a growth probe if
 *     possible, and with its mutable globals exported if it has a {@code preparer}
 * @param shape the shape of {@code wasm}
 * @param probe reports after a run whether the memory limit prevented growth
 * @param imports the host functions that the module imports, in the order of its imports
 * @param hasInitializer whether {@code _initialize} must be called before the entry point, or
 *     before that of {@code preparer}
 * @param preparer the export that prepares its runs, if it has one
 * @param content what its code may read with {@code read_content}, or null
 */
public record ValidatedModule(
    WasmBinary wasm,
    ModuleShape shape,
    Optional<GrowthProbe> probe,
    List<HostFunction> imports,
    EntryPoint entryPoint,
    boolean hasInitializer,
    Optional<Preparer> preparer,
    @Nullable Document content) {

  private static final WasmBinary NO_BYTES = new WasmBinary(new byte[0]);

  public ValidatedModule {
    imports = List.copyOf(imports);
  }

  /**
   * What its runs need. The module's bytes, and what it declares, would else stay in memory as long
   * as its code does.
   */
  public ValidatedModule forRuns() {
    var sizes =
        new ModuleShape(
            List.of(),
            List.of(),
            shape.tables(),
            shape.memories(),
            shape.globals(),
            List.of(),
            OptionalInt.empty(),
            List.of());
    return new ValidatedModule(
        NO_BYTES,
        sizes,
        probe.map(compiled -> new GrowthProbe(NO_BYTES, compiled.declared())),
        imports,
        entryPoint,
        hasInitializer,
        preparer,
        content);
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

  /**
   * The exported function {@code prepare}.
   *
   * @param globals what it may change besides the memory
   */
  public record Preparer(boolean returnsExitCode, List<Global> globals) {
    public static final String EXPORT = "prepare";
  }

  /** The exported function that is called. */
  public enum EntryPoint {
    /** A reactor's {@code run}, without a result. */
    RUN("run", false),
    /** A reactor's {@code run}, which returns an exit code, 0 for success. */
    RUN_WITH_EXIT_CODE("run", true),
    /** A WASI command's {@code _start}, without a result. */
    START("_start", false);

    private final String export;
    private final boolean returnsExitCode;

    EntryPoint(String export, boolean returnsExitCode) {
      this.export = export;
      this.returnsExitCode = returnsExitCode;
    }

    public String export() {
      return export;
    }

    public boolean returnsExitCode() {
      return returnsExitCode;
    }
  }
}
