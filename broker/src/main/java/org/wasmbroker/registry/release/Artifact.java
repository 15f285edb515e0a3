package org.wasmbroker.registry.release;

import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;

/** A module with its manifest as read; both match the digests that their source has of them. */
public record Artifact(Document manifest, WasmBinary wasm, Provenance provenance) {}
