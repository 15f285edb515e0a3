/**
 * A Postgres server with PGMQ of the broker's own, for {@code demo} and for tests: the binaries and
 * the extension come with the jar, and nothing else has to be installed. Tasker on it: its database
 * schema and its orchestrator, which {@code scripts/fetch-tasker} brings. Called from one thread at
 * a time; the servers themselves are other processes. Imports none of the other packages.
 */
@NullMarked
package org.wasmbroker.embedded;

import org.jspecify.annotations.NullMarked;
