package org.wasmbroker.publish;

import java.util.List;
import java.util.Optional;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;

/**
 * The files that make up a handler.
 *
 * @param signature what {@code signature.sigstore.json} contains
 * @param ignored the paths of files beside them, which mean nothing to a broker
 */
public record PackageFiles(
    Document manifest, WasmBinary wasm, Optional<Document> signature, List<String> ignored) {
  public static final String MANIFEST = "manifest.json";
  public static final String MODULE = "module.wasm";
  public static final String SIGNATURE = "signature.sigstore.json";

  public static final int MAX_MANIFEST_BYTES = 1 << 20;
  public static final int MAX_SIGNATURE_BYTES = 1 << 20;

  public PackageFiles {
    ignored = List.copyOf(ignored);
  }

  /** What a source has of a release. */
  public static PackageFiles of(Artifact artifact) {
    var signatures = artifact.provenance().signatures();
    return new PackageFiles(
        artifact.manifest(),
        artifact.wasm(),
        signatures.isEmpty()
            ? Optional.empty()
            : Optional.of(SignatureFile.join(List.of(), signatures)),
        List.of());
  }

  /**
   * The signatures one by one.
   *
   * @throws PackageRefusedException if they cannot be read
   */
  public List<Document> signatures() {
    return signature.map(SignatureFile::split).orElse(List.of());
  }
}
