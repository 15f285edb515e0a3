package org.wasmbroker.sandbox;

import org.wasmbroker.step.Document;

/** The response to a guest's request, with its body not yet read. Used by the run's thread. */
public interface GuestHttpResponse extends AutoCloseable {
  /** Status, headers and timing, a JSON object as {@code docs/guest-abi.md} says. */
  Document head();

  /**
   * Reads the next bytes of the body into the start of {@code into}.
   *
   * @return the number of bytes read, 0 at the end of the body
   * @throws CallRefusedException if reading the body fails
   */
  int read(byte[] into, RunDeadline clock) throws CallRefusedException;

  /** Releases the connection; any unread part of the body is discarded. */
  @Override
  void close();
}
