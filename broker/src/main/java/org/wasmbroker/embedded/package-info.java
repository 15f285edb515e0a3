/**
 * A Postgres server with PGMQ of the broker's own, for {@code demo} and for tests: the binaries and
 * the extension come with the jar, and nothing else has to be installed. Called from one thread at
 * a time; the server itself is another process. Imports none of the other packages.
 */
@NullMarked
package org.wasmbroker.embedded;

import org.jspecify.annotations.NullMarked;
