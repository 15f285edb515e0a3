package org.wasmbroker.registry.source;

import java.util.Optional;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Version;

/** The layout of a module source: {@code <name>/<version>/{module.wasm,manifest.json}}. */
final class ModulePaths {
  static final String MODULE = "module.wasm";
  static final String MANIFEST = "manifest.json";
  static final String SIGNATURE = "signature.sigstore.json";
  static final String SUMS = "SHA256SUMS";

  private ModulePaths() {}

  static String module(ReleaseId id) {
    return id.handler() + "/" + id.version() + "/" + MODULE;
  }

  static String manifest(ReleaseId id) {
    return id.handler() + "/" + id.version() + "/" + MANIFEST;
  }

  static String signature(ReleaseId id) {
    return id.handler() + "/" + id.version() + "/" + SIGNATURE;
  }

  /** The handler and version that two directory names denote, if they are valid. */
  static Optional<ReleaseId> id(String handler, String version) {
    try {
      return Optional.of(
          new ReleaseId(new HandlerRef(handler, version).name(), Version.parse(version)));
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
