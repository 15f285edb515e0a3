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
}
