/**
 * Checks Tasker's schema and the privileges of the broker's role, at startup and for the doctor;
 * changes nothing. Runs on the caller's thread. Imports {@code pgmq}, {@code protocol}, {@code
 * protocol.tasker} and {@code protocol.tasker.recovery}.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.check;

import org.jspecify.annotations.NullMarked;
