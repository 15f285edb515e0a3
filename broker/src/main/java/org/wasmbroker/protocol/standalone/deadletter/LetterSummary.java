package org.wasmbroker.protocol.standalone.deadletter;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter in short. Anyone who may write to the queue chose its texts; they are as the
 * database has them, cut to a bounded length.
 *
 * @param id the message's id in the queue of the dead letters
 * @param at when it was dead-lettered
 * @param age how long ago that is, by the database's clock
 * @param reason why, such as {@code exhausted}
 * @param errorType of the last error; the reason where there was none
 * @param error the last error's message, or what is wrong with the message
 * @param step the step's id, or null
 * @param handler as the message names it, or null
 * @param version that ran last, or null if it is not known
 * @param digest of the module that ran last, or null if it is not known
 * @param attempts that were made
 * @param replays how often its message was sent again before
 * @param heldUntil until when another reader has hidden it, or null
 */
public record LetterSummary(
    long id,
    Instant at,
    Duration age,
    String reason,
    String errorType,
    String error,
    @Nullable String step,
    @Nullable String handler,
    @Nullable String version,
    @Nullable String digest,
    int attempts,
    int replays,
    @Nullable Instant heldUntil) {}
