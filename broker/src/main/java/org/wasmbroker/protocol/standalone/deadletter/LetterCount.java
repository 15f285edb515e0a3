package org.wasmbroker.protocol.standalone.deadletter;

import java.time.Instant;

/**
 * How many dead letters have one error type.
 *
 * @param errorType of the last error; the reason where there was none
 * @param first when the oldest of them was dead-lettered
 * @param last when the newest of them was
 */
public record LetterCount(String errorType, long letters, Instant first, Instant last) {}
