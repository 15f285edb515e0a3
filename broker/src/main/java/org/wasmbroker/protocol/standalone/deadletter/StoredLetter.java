package org.wasmbroker.protocol.standalone.deadletter;

import org.jspecify.annotations.Nullable;

/**
 * A whole dead letter.
 *
 * @param bytes the size of its document
 * @param letter its document as JSON; null if it is larger than can be shown
 * @param headers its headers as JSON, or null
 * @param archived whether it is in the archive, because it was replayed or discarded
 */
public record StoredLetter(
    LetterSummary summary,
    long bytes,
    @Nullable String letter,
    @Nullable String headers,
    boolean archived) {}
