/**
 * All that is said to Postgres: the connection pool, the functions of PGMQ, the guarded statements
 * on a queue's tables, LISTEN, and what each SQL error means. Runs on the caller's threads, save
 * for the one of a {@code QueueListener}.
 */
@NullMarked
package org.wasmbroker.pgmq;

import org.jspecify.annotations.NullMarked;
