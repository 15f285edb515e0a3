package org.wasmbroker.registry.release;

import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.component.ComponentNames;
import org.wasmbroker.step.Document;

/** A module with its manifest as read; both match the digests that their source has of them. */
public record Artifact(Document manifest, WasmBinary wasm, Provenance provenance) {
  /** What can be judged without the module's bytes. */
  public Evidence evidence() {
    return new Evidence(wasm.digest(), wasm.size(), ComponentNames.of(wasm), manifest, provenance);
  }
}
