/**
 * Everything that is sent to Postgres by the broker itself: the connection pool, the functions of
 * PGMQ, the guarded statements on a queue's tables, LISTEN, and the interpretation of SQL errors.
 * Runs on the caller's threads, except for the thread of a {@code QueueListener}.
 */
@NullMarked
package org.wasmbroker.pgmq;

import org.jspecify.annotations.NullMarked;
