package org.wasmbroker.demo;

import java.util.UUID;

/**
 * A task that the demo has submitted.
 *
 * @param name of its template
 * @param submittedNanos on the monotonic clock
 */
record TaskerDemoTask(UUID id, String name, long submittedNanos) {}
