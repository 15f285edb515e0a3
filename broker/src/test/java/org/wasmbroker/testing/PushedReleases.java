package org.wasmbroker.testing;

import org.wasmbroker.oci.MediaTypes;
import org.wasmbroker.oci.Reference;
import org.wasmbroker.oci.RegistryClient;
import org.wasmbroker.oci.Repository;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

/** Releases in a registry, without the checks of publishing. */
public final class PushedReleases {
  private PushedReleases() {}

  /** A minimal manifest. */
  public static Document manifest(String name, String version) {
    return Document.of(
        "{\"name\":\"%s\",\"version\":\"%s\",\"abi\":\"1\"}".formatted(name, version));
  }

  /** Makes the module a release of the handler that the repository is of. */
  public static OciLayout push(
      RegistryClient client, Repository repository, String version, byte[] wasm) {
    var id = new ReleaseId(repository.lastName(), Version.parse(version));
    var manifest = manifest(id.handler(), version);
    var layout = OciLayout.of(id, manifest, new WasmBinary(wasm));
    client.putBlob(repository, layout.image().config(), layout.config().bytes());
    client.putBlob(repository, layout.image().layers().get(0), wasm);
    client.putBlob(repository, layout.image().layers().get(1), manifest.bytes());
    client.putManifest(
        Reference.of(repository, version), MediaTypes.IMAGE_MANIFEST, layout.bytes());
    return layout;
  }
}
