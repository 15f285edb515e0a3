package org.wasmbroker.protocol;

/**
 * Who ran a step, for its result.
 *
 * @param id identifies this process among all workers
 * @param hostname the machine
 */
public record WorkerIdentity(String id, String hostname) {
  public WorkerIdentity {
    if (id.isBlank() || hostname.isBlank()) {
      throw new IllegalArgumentException("a worker must have an id and a hostname");
    }
  }
}
