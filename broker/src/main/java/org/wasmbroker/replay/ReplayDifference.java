package org.wasmbroker.replay;

/**
 * Something of a step's end that is not as it was recorded.
 *
 * @param what such as {@code error}
 */
public record ReplayDifference(String what, String recorded, String replayed) {}
