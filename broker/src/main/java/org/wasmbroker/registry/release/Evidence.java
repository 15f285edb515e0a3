package org.wasmbroker.registry.release;

import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/**
 * What the trust in an artifact is decided by; it is kept while the module is loaded, so that the
 * decision can be made again.
 *
 * @param manifest the handler's own
 */
public record Evidence(Digest module, int moduleBytes, Document manifest, Provenance provenance) {}
