package org.wasmbroker.protocol;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.UUID;

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

  /** A new id for this process, so that it is not mistaken for its predecessor. */
  public static WorkerIdentity ofThisProcess() {
    return new WorkerIdentity(UUID.randomUUID().toString(), machine());
  }

  private static String machine() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unknownHost) {
      return "unknown";
    }
  }
}
