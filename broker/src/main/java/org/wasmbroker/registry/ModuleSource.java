package org.wasmbroker.registry;

import java.util.List;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

/** A source of modules. Thread-safe. */
public interface ModuleSource {
  /** The location, for messages. */
  String location();

  /** The modules that it has now. May be slow, and is called without locks. */
  List<Entry> list();

  /**
   * Reads one module.
   *
   * @throws ModuleSourceException if it was removed, is unreadable, or does not match its digest
   */
  ModuleFile load(Entry entry);

  /** One version of a handler. */
  record Entry(String handler, Version version) {}

  /** A module and its manifest as read; the module matches its recorded digest, if any. */
  record ModuleFile(Document manifest, WasmBinary wasm) {}
}
