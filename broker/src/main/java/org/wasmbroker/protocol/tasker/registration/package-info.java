/**
 * Task templates in Tasker's tables: registering them, with the queues that they need, and reading
 * them for people. Runs on the caller's thread.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.registration;

import org.jspecify.annotations.NullMarked;
