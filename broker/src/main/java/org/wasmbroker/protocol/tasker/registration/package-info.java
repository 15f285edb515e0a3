/**
 * Task templates in Tasker's tables: registering them, with the queues that they need, and reading
 * them for people. Runs on the caller's thread. Imports {@code pgmq}, {@code protocol.tasker},
 * {@code protocol.tasker.template} and {@code step}.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.registration;

import org.jspecify.annotations.NullMarked;
