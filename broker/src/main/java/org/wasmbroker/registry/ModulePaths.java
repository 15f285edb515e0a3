package org.wasmbroker.registry;

import java.util.Optional;
import org.wasmbroker.registry.ModuleSource.Entry;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Version;

/** The layout of a module source: {@code <name>/<version>/{module.wasm,manifest.json}}. */
final class ModulePaths {
  static final String MODULE = "module.wasm";
  static final String MANIFEST = "manifest.json";
  static final String SUMS = "SHA256SUMS";

  private ModulePaths() {}

  static String module(Entry entry) {
    return entry.handler() + "/" + entry.version() + "/" + MODULE;
  }

  static String manifest(Entry entry) {
    return entry.handler() + "/" + entry.version() + "/" + MANIFEST;
  }

  /** The handler and version that two directory names denote, if they are valid. */
  static Optional<Entry> entry(String handler, String version) {
    try {
      return Optional.of(
          new Entry(new HandlerRef(handler, version).name(), Version.parse(version)));
    } catch (IllegalArgumentException notAModule) {
      return Optional.empty();
    }
  }

  static boolean isHandlerName(String name) {
    try {
      return new HandlerRef(name, null).name().equals(name);
    } catch (IllegalArgumentException notAName) {
      return false;
    }
  }
}
