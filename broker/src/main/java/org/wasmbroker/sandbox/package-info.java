/**
 * What running a guest means, whatever the engine: compile a module once, run it many times, each
 * time in a fresh instance under limits, and say how it ended and what it used. Runs happen on the
 * caller's thread. Knows nothing of queues and protocols; may import {@code step} and {@code
 * telemetry}.
 */
@NullMarked
package org.wasmbroker.sandbox;

import org.jspecify.annotations.NullMarked;
