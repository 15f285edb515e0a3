package org.wasmbroker.registry.release;

import java.util.Optional;
import org.wasmbroker.sandbox.component.ComponentNames;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/**
 * What the trust in an artifact is decided by; it is kept while the module is loaded, so that the
 * decision can be made again.
 *
 * @param component what it imports and exports if it is a component; empty of a core module
 * @param manifest the handler's own
 */
public record Evidence(
    Digest module,
    int moduleBytes,
    Optional<ComponentNames> component,
    Document manifest,
    Provenance provenance) {}
