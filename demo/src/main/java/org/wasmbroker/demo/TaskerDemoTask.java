package org.wasmbroker.demo;

import java.util.UUID;

/**
 * A task that the demo has submitted.
 *
 * @param name the name of its template
 */
record TaskerDemoTask(UUID id, String name) {}
