package org.wasmbroker.sandbox;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * HTTP access of a step's guest, shared by all runs of the step so that budgets apply to the whole
 * step. Used by the step's thread.
 */
@FunctionalInterface
public interface GuestHttp extends GuestCapability {
  /** Grants no destination. */
  GuestHttp NONE =
      (request, body, clock) -> {
        throw new CallRefusedException(
            AbiError.DENIED,
            "no destination is granted to this handler",
            Document.of(
                "{\"type\":\"not_allowed\",\"message\":\"no destination is granted to this"
                    + " handler\",\"retryable\":false,\"sent\":false}"));
      };

  /** Sends a request whose body, if it has one, is part of its document. */
  default GuestHttpResponse send(byte[] request, RunDeadline clock) throws CallRefusedException {
    return send(request, null, clock);
  }

  /**
   * Sends a request and waits for the response head, but not beyond the end of the run.
   *
   * @param request a JSON document as the guest wrote it
   * @param body what the guest wrote in pieces; null if the body is part of the document
   * @return the response, which the caller closes
   * @throws CallRefusedException if there is no response; its document says why
   */
  GuestHttpResponse send(byte[] request, @Nullable Document body, RunDeadline clock)
      throws CallRefusedException;
}
