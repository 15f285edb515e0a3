/**
 * Claims steps from Tasker's queues and assembles what their guests read. Called from the threads
 * of intake; a {@code NotificationListener} has one of its own.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.claim;

import org.jspecify.annotations.NullMarked;
