/**
 * The port to Tasker: steps live in Tasker's tables, queues tell only that there are some. Called
 * from the threads of intake, report and the guests; has a thread of its own that keeps the
 * worker's heartbeat. May import {@code execution}, {@code protocol}, {@code
 * protocol.tasker.template}, {@code pgmq}, {@code schema}, {@code step} and {@code telemetry}.
 */
@NullMarked
package org.wasmbroker.protocol.tasker;

import org.jspecify.annotations.NullMarked;
