/**
 * The implementation of the port as one of Tasker's workers, composed of its parts, and what has to
 * be set up before it claims steps. Imports {@code execution}, {@code protocol}, all of {@code
 * protocol.tasker}, {@code pgmq}, {@code step} and {@code telemetry}.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.worker;

import org.jspecify.annotations.NullMarked;
