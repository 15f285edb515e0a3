package org.wasmbroker.sandbox;

import org.wasmbroker.step.Document;

/** The answer to a guest's request, whose body is still to be read. Used by the run's thread. */
public interface GuestHttpResponse extends AutoCloseable {
  /** Status, headers and timing, a JSON object as {@code docs/guest-abi.md} says. */
  Document head();

  /**
   * Reads the next bytes of the body into the beginning of {@code into}.
   *
   * @return how many, 0 at the end of the body
   * @throws CallRefusedException if the body cannot be read further
   */
  int read(byte[] into, RunDeadline clock) throws CallRefusedException;

  /** Lets go of the connection; whatever of the body was not read is dropped. */
  @Override
  void close();
}
