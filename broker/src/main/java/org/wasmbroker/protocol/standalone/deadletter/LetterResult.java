package org.wasmbroker.protocol.standalone.deadletter;

import java.time.Instant;

/** What became of a dead letter that was to be replayed or discarded. */
public sealed interface LetterResult {
  /** The letter's id in the queue of the dead letters. */
  long id();

  /**
   * Its message is in the queue again.
   *
   * @param message the new message's id in the queue
   */
  record Replayed(long id, long message) implements LetterResult {}

  /** It is in the archive, or gone if that was asked for. */
  record Discarded(long id) implements LetterResult {}

  /** It stays where it is, and why. */
  sealed interface Left extends LetterResult {}

  /** It was dealt with before, or there never was one with this id. */
  record Gone(long id) implements Left {}

  /** Another reader of the queue has hidden it, and may be at work on it. */
  record Held(long id, Instant until) implements Left {}

  /** It has no message that could be sent: it is not a dead letter of this protocol. */
  record NoMessage(long id) implements Left {}

  /** Which module ran is not known, so that it cannot be asked for again. */
  record NoModule(long id) implements Left {}

  /** The message is still no valid step: it would come back at once. */
  record Invalid(long id, String problem) implements Left {}
}
