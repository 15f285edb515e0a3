package org.wasmbroker.sandbox;

import org.wasmbroker.step.Document;

/**
 * HTTP access of a step's guest, shared by all runs of the step so that budgets apply to the whole
 * step. Used by the step's thread.
 */
@FunctionalInterface
public interface GuestHttp extends GuestCapability {
  /** Grants no destination. */
  GuestHttp NONE =
      (request, clock) -> {
        throw new CallRefusedException(
            AbiError.DENIED,
            "no destination is granted to this handler",
            Document.of(
                "{\"type\":\"not_allowed\",\"message\":\"no destination is granted to this"
                    + " handler\",\"retryable\":false,\"sent\":false}"));
      };

  /**
   * Sends a request and waits for the response head, but not beyond the end of the run.
   *
   * @param request a JSON document as the guest wrote it
   * @return the response, which the caller closes
   * @throws CallRefusedException if there is no response; its document says why
   */
  GuestHttpResponse send(byte[] request, RunDeadline clock) throws CallRefusedException;
}
