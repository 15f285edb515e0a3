package org.wasmbroker.registry.release;

import java.util.List;
import java.util.Map;
import org.wasmbroker.oci.Annotations;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.oci.ImageManifest;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/**
 * The form that a release has in an OCI registry: CNCF's layout of WebAssembly artifacts, with the
 * handler's manifest as a second layer. It follows from handler, version and the two files alone,
 * byte for byte, so that a release has one digest wherever it is kept, and one signature that names
 * this digest is valid in a directory and in every registry.
 *
 * @param image the OCI manifest
 * @param bytes the bytes of the OCI manifest
 * @param digest of these bytes, which is what a signature names
 * @param config the bytes of the config blob
 */
public record OciLayout(ImageManifest image, Document bytes, Digest digest, Document config) {
  public static final String CONFIG_TYPE = "application/vnd.wasm.config.v0+json";
  public static final String WASM_TYPE = "application/wasm";
  public static final String MANIFEST_TYPE = "application/vnd.wasm-broker.handler.manifest.v1+json";

  private static final String MODULE_TITLE = "module.wasm";
  private static final String MANIFEST_TITLE = "manifest.json";

  /**
   * Some tools refuse a config without a time, and a real one would give the same content another
   * digest each time.
   */
  private static final String CREATED = "1970-01-01T00:00:00Z";

  /**
   * @param manifest the bytes of the handler's {@code manifest.json}, as they are
   * @param module the digest of the module
   */
  public static OciLayout of(ReleaseId id, Document manifest, Digest module, long moduleSize) {
    var wasmLayer = new Descriptor(WASM_TYPE, module, moduleSize).withTitle(MODULE_TITLE);
    var manifestLayer = Descriptor.of(MANIFEST_TYPE, manifest.bytes()).withTitle(MANIFEST_TITLE);
    var config = config(wasmLayer, manifestLayer);
    var image =
        new ImageManifest(
            Descriptor.of(CONFIG_TYPE, config.bytes()),
            List.of(wasmLayer, manifestLayer),
            Map.of(Annotations.TITLE, id.handler(), Annotations.VERSION, id.version().toString()));
    var bytes = image.document();
    return new OciLayout(image, bytes, Digest.of(bytes.bytes()), config);
  }

  /** The layers in their order. There is no other text in it than digests. */
  private static Document config(Descriptor first, Descriptor second) {
    return Document.of(
        """
        {"created":"%s","architecture":"wasm","os":"wasip1","layerDigests":["%s","%s"]}\
        """
            .formatted(CREATED, Descriptor.text(first.digest()), Descriptor.text(second.digest())));
  }
}
