package org.wasmbroker.pgmq;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * Ends a message: it leaves its queue, for the archive if that is kept.
 *
 * @param result what is sent to the results queue, JSON; or null
 * @param resultHeaders the headers of the result, a JSON object; or null
 * @param deadLetter what is sent to the dead-letter queue, a JSON object to which the message and
 *     its origin are added; or null
 * @param newMessages what is sent to the message's own queue, a JSON array of messages; or null
 * @param newHeaders the headers of the new messages, a JSON object; or null
 */
public record Archival(
    Lease lease,
    @Nullable Document result,
    @Nullable Document resultHeaders,
    @Nullable Document deadLetter,
    @Nullable Document newMessages,
    @Nullable Document newHeaders) {

  /** Without new messages. */
  public Archival(
      Lease lease,
      @Nullable Document result,
      @Nullable Document resultHeaders,
      @Nullable Document deadLetter) {
    this(lease, result, resultHeaders, deadLetter, null, null);
  }
}
