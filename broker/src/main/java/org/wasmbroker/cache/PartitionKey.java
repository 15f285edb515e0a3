package org.wasmbroker.cache;

import org.wasmbroker.step.Digest;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;

/**
 * Who shares entries. A guest has no part in it.
 *
 * @param digest of the module: another version finds nothing of this one
 * @param namespace of the step's task; empty for none
 */
record PartitionKey(String handler, Digest digest, String namespace) {
  /** The header of a standalone message that names the namespace of its step. */
  private static final String HEADER = "namespace";

  static PartitionKey of(ModuleId module, Step step) {
    var origin = step.origin();
    var namespace = origin.namespace();
    return new PartitionKey(
        module.handler(),
        module.digest(),
        namespace == null ? origin.headers().getOrDefault(HEADER, "") : namespace);
  }
}
