package org.wasmbroker.cli;

import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.oci.Reference;
import org.wasmbroker.oci.RegistryClient;

/** Clients of registries, as the broker's configuration says how to reach them. */
final class RegistryClients {
  private RegistryClients() {}

  static RegistryClient open(BrokerConfig config) {
    try {
      return new RegistryClient(config.registry().oci().client(), ProcessText.environment());
    } catch (IllegalArgumentException invalid) {
      throw new UsageException(String.valueOf(invalid.getMessage()));
    }
  }

  static boolean isReference(String text) {
    return text.startsWith("oci://");
  }

  static Reference reference(String text) {
    try {
      return Reference.parse(text);
    } catch (IllegalArgumentException invalid) {
      throw new UsageException(String.valueOf(invalid.getMessage()));
    }
  }

  /** A reference that names one release, not only the repository of a handler. */
  static Reference manifestReference(String text) {
    var reference = reference(text);
    if (!reference.namesManifest()) {
      throw new UsageException(
          "%s names no version: add one, such as %s:1.0.0, or @sha256:…; registry list -s"
                  .formatted(reference, reference)
              + " registry.oci=%s shows which there are".formatted(reference));
    }
    return reference;
  }
}
