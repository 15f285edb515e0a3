/**
 * Publishes the domain events that templates declare, once their steps are reported. Called from
 * the threads of report. Imports {@code pgmq}, {@code protocol}, {@code protocol.tasker.template},
 * {@code schema}, {@code step} and {@code telemetry}.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.events;

import org.jspecify.annotations.NullMarked;
