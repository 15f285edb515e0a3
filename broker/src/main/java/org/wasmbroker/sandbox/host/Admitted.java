package org.wasmbroker.sandbox.host;

import java.util.List;
import org.wasmbroker.sandbox.ModuleShape;

/**
 * What an engine needs to know of a module that was admitted.
 *
 * @param imports the host functions that the module imports, in the order of its imports
 * @param initialize whether {@code _initialize} is to be called before the entry
 */
public record Admitted(
    ModuleShape shape, List<HostFunction> imports, Entry entry, boolean initialize) {

  public Admitted {
    imports = List.copyOf(imports);
  }

  /** The size of the memory before the guest grows it. */
  public long initialMemoryBytes() {
    return shape.memories().getFirst().min() * ModuleShape.PAGE_BYTES;
  }

  /** The elements of the table before the guest grows it. */
  public long initialTableElements() {
    return shape.tables().stream().mapToLong(table -> table.size().min()).sum();
  }

  public GuestKind kind() {
    return entry == Entry.START ? GuestKind.COMMAND : GuestKind.REACTOR;
  }

  /** The exported function that is called. */
  public enum Entry {
    /** A reactor's {@code run}, which gives nothing. */
    RUN("run", false),
    /** A reactor's {@code run}, which gives a code, 0 for success. */
    RUN_WITH_CODE("run", true),
    /** A WASI command's {@code _start}, which gives nothing. */
    START("_start", false);

    private final String export;
    private final boolean givesCode;

    Entry(String export, boolean givesCode) {
      this.export = export;
      this.givesCode = givesCode;
    }

    public String export() {
      return export;
    }

    public boolean givesCode() {
      return givesCode;
    }
  }
}
