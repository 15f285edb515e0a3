package org.wasmbroker.registry.store;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Version;
import tools.jackson.databind.node.JsonNodeFactory;

/** A pin as JSON, with the source that it is of. */
record PinDocument(String source, Pin pin) {
  static final int MAX_BYTES = 64 << 10;
  private static final DocumentReader JSON = new DocumentReader(Syntax.JSON, MAX_BYTES, 4);

  byte[] bytes() {
    var document = JsonNodeFactory.instance.objectNode();
    document
        .put("source", source)
        .put("handler", pin.id().handler())
        .put("version", pin.id().version().toString())
        .put("module", pin.module().hex())
        .put("manifest", pin.manifest().hex());
    if (pin.ociManifest() != null) {
      document.put("oci_manifest", pin.ociManifest().hex());
    }
    var signatures = document.putArray("signatures");
    pin.signatures().forEach(signature -> signatures.add(signature.hex()));
    if (pin.published() != null) {
      document.put("published", pin.published().toString());
    }
    return document.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Empty if these are not the bytes of a pin. */
  static Optional<PinDocument> read(byte[] bytes) {
    var parsed = JSON.read("", bytes);
    if (parsed.hasProblems() || !parsed.root().isObject()) {
      return Optional.empty();
    }
    var object = parsed.object();
    var source = object.string("source");
    var handler = object.string("handler");
    var version = object.value("version", Version::parse);
    var module = digest(object, "module");
    var manifest = digest(object, "manifest");
    var ociManifest = digest(object, "oci_manifest");
    var signatures = object.values("signatures", Digest::new);
    var published = object.value("published", PinDocument::instant);
    object.finish();
    if (parsed.hasProblems()
        || source == null
        || handler == null
        || version == null
        || module == null
        || manifest == null) {
      return Optional.empty();
    }
    var id = new ReleaseId(handler, version);
    var pin = new Pin(id, module, manifest, ociManifest, signatures, published);
    return Optional.of(new PinDocument(source, pin));
  }

  private static @Nullable Digest digest(ObjectReader object, String name) {
    return object.value(name, Digest::new);
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException notAnInstant) {
      throw new IllegalArgumentException("must be a time", notAnInstant);
    }
  }
}
