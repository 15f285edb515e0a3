package org.wasmbroker.pgmq;

/** The ownership of one message: no other read of it has the same count. */
public record Lease(long messageId, int readCount) {}
