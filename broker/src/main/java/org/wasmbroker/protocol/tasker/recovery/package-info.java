/**
 * Fails the steps of workers that died: the worker's heartbeat, the search for dead workers. Has a
 * thread each for heartbeat and recovery.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.recovery;

import org.jspecify.annotations.NullMarked;
