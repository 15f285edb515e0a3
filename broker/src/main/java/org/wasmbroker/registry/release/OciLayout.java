package org.wasmbroker.registry.release;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wasmbroker.oci.Annotations;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.oci.ImageManifest;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.component.ComponentNames;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import tools.jackson.databind.json.JsonMapper;

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

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String MODULE_TITLE = "module.wasm";
  private static final String MANIFEST_TITLE = "manifest.json";

  /**
   * Some tools refuse a config without a time, and a real one would give the same content another
   * digest each time.
   */
  private static final String CREATED = "1970-01-01T00:00:00Z";

  /**
   * @param manifest the bytes of the handler's {@code manifest.json}, as they are
   * @param wasm a core module or a component
   */
  public static OciLayout of(ReleaseId id, Document manifest, WasmBinary wasm) {
    return of(id, manifest, wasm.digest(), wasm.size(), ComponentNames.of(wasm));
  }

  /**
   * @param manifest the bytes of the handler's {@code manifest.json}, as they are
   * @param module the digest of the module
   * @param component what it imports and exports if it is a component; empty of a core module
   */
  public static OciLayout of(
      ReleaseId id,
      Document manifest,
      Digest module,
      long moduleSize,
      Optional<ComponentNames> component) {
    var wasmLayer = new Descriptor(WASM_TYPE, module, moduleSize).withTitle(MODULE_TITLE);
    var manifestLayer = Descriptor.of(MANIFEST_TYPE, manifest.bytes()).withTitle(MANIFEST_TITLE);
    var config = config(wasmLayer, manifestLayer, component);
    var image =
        new ImageManifest(
            Descriptor.of(CONFIG_TYPE, config.bytes()),
            List.of(wasmLayer, manifestLayer),
            Map.of(Annotations.TITLE, id.handler(), Annotations.VERSION, id.version().toString()));
    var bytes = image.document();
    return new OciLayout(image, bytes, Digest.of(bytes.bytes()), config);
  }

  /** The layers in their order. Names of a component are the only other text in it. */
  private static Document config(
      Descriptor first, Descriptor second, Optional<ComponentNames> component) {
    return Document.of(
        """
        {"created":"%s","architecture":"wasm","os":"%s","layerDigests":["%s","%s"]%s}\
        """
            .formatted(
                CREATED,
                component.isPresent() ? "wasip2" : "wasip1",
                Descriptor.text(first.digest()),
                Descriptor.text(second.digest()),
                component.map(OciLayout::member).orElse("")));
  }

  /** Without {@code target}, the world, which a component's bytes do not name. */
  private static String member(ComponentNames component) {
    return ",\"component\":{\"exports\":%s,\"imports\":%s}"
        .formatted(
            JSON.writeValueAsString(component.exports()),
            JSON.writeValueAsString(component.imports()));
  }
}
