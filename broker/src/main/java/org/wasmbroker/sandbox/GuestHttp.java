package org.wasmbroker.sandbox;

import org.wasmbroker.step.Document;

/**
 * The HTTP that a step's guest may use: one for all runs of a step, so that its budgets hold for
 * the step. Used by the step's thread.
 */
@FunctionalInterface
public interface GuestHttp extends GuestCapability {
  /** No destination is granted. */
  GuestHttp NONE =
      (request, clock) -> {
        throw new CallRefusedException(
            AbiError.DENIED,
            "no destination is granted to this handler",
            Document.of(
                "{\"type\":\"not_allowed\",\"message\":\"no destination is granted to this"
                    + " handler\",\"retryable\":false}"));
      };

  /**
   * Sends a request and waits for the head of its answer, but not beyond the run's end.
   *
   * @param request a JSON document as the guest wrote it
   * @return the answer, which the caller closes
   * @throws CallRefusedException if there is no answer; its document says why
   */
  GuestHttpResponse send(byte[] request, RunDeadline clock) throws CallRefusedException;
}
