/**
 * A session: requests of one client, a JSON document a line, over files that last as long as it
 * does. It runs command lines of its own language, whose commands are granted handlers, and knows
 * neither where these come from nor the host's files. Requests that are not asynchronous are
 * answered by the thread {@code session}, in their order; the others by a virtual thread each.
 */
@NullMarked
package org.wasmbroker.session;

import org.jspecify.annotations.NullMarked;
