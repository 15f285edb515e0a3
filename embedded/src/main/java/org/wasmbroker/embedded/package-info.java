/**
 * An embedded Postgres server with PGMQ, for the demo, the tests and the benchmarks: the binaries
 * and the extension are in the jar, and nothing has to be installed. Also Tasker on it: its
 * database schema and its orchestrator, which {@code scripts/fetch-tasker} provides. Called from
 * one thread at a time; the servers are processes of their own.
 */
@NullMarked
package org.wasmbroker.embedded;

import org.jspecify.annotations.NullMarked;
