package org.wasmbroker.registry;

import java.util.List;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

/** A place where modules come from. Thread-safe. */
public interface ModuleSource {
  /** Where this is, for messages. */
  String location();

  /** The modules that are there now. */
  List<Entry> list();

  /**
   * Reads one module.
   *
   * @throws ModuleSourceException when it is gone, unreadable, or not what its digest says
   */
  ModuleFile load(Entry entry);

  /** One version of a handler. */
  record Entry(String handler, Version version) {}

  /** A module and its manifest as they were found; the module has the recorded digest. */
  record ModuleFile(Document manifest, WasmBinary wasm) {}
}
