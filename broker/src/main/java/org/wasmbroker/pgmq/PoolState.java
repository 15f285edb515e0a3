package org.wasmbroker.pgmq;

/**
 * The connections of a pool at a moment.
 *
 * @param active those that statements use
 * @param idle the others
 * @param waiting threads that wait for one
 */
public record PoolState(int active, int idle, int waiting) {}
