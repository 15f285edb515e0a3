package org.wasmbroker.publish;

import java.util.List;
import java.util.Optional;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.WasmModuleBuilder;

/** Handlers for tests, ready to be published. */
final class Publications {
  static final WasmBinary MODULE = WasmModuleBuilder.reactor().toWasm();

  private Publications() {}

  /**
   * @param members of its manifest, with ' for quotes; or empty
   */
  static Publication of(String name, String version, String members) {
    var rest = members.isEmpty() ? "" : "," + members.replace('\'', '"');
    var json =
        "{\"name\":\"%s\",\"version\":\"%s\",\"abi\":\"1\"%s}".formatted(name, version, rest);
    var manifest = Document.of(json);
    var id = ManifestReader.identify(manifest, "x");
    return new Publication(
        new PackageFiles(manifest, MODULE, Optional.empty(), List.of()),
        ManifestReader.read(manifest, id, "x"),
        OciLayout.of(id, manifest, MODULE));
  }
}
