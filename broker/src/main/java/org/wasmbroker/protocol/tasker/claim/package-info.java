/**
 * Claims steps from Tasker's queues and assembles what their guests read. Called from the threads
 * of intake; a {@code NotificationListener} has one of its own. Imports {@code pgmq}, {@code
 * protocol}, {@code protocol.tasker}, {@code protocol.tasker.template}, {@code step} and {@code
 * telemetry}.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.claim;

import org.jspecify.annotations.NullMarked;
