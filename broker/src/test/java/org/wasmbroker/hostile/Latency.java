package org.wasmbroker.hostile;

/**
 * How long good steps take, at the 99th percentile, in milliseconds.
 *
 * @param queuedMillis from a step's arrival on its queue to its result's on the other
 * @param dispatchedMillis from its acceptance by the dispatcher to its outcome
 */
record Latency(double queuedMillis, double dispatchedMillis) {}
