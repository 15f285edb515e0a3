package org.wasmbroker.example;

import java.util.List;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.CapabilityGrants;
import org.wasmbroker.capability.CapabilityPermits;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.ResourceClassName;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.sandbox.Limits;

/** What a handler may do while its examples run, whatever the policy of a broker grants. */
public final class ExampleGrants {
  private ExampleGrants() {}

  /**
   * The functions that the manifest requests, but no destination and no secret: an example has the
   * same outcome everywhere.
   *
   * @param limits which the manifest lowers
   */
  public static Grants of(Manifest manifest, Limits limits) {
    var table = Capabilities.STANDARD;
    var requested = manifest.capabilities();
    return Grants.of(
        table,
        requested.functions(),
        CapabilityGrants.of(table, requested.requests(), CapabilityPermits.merge(table, List.of())),
        ResourceClassName.TEXT,
        manifest.clamp(limits),
        Grants.DEFAULT_NEW_WORK,
        null);
  }
}
