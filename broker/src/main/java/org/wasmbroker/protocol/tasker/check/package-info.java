/**
 * Checks Tasker's schema and the privileges of the broker's role, at startup and for the doctor;
 * changes nothing. Runs on the caller's thread.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.check;

import org.jspecify.annotations.NullMarked;
