/**
 * The events that the stages report: sealed records, passed to one {@link EventSink}. An event
 * about a step carries the step. Adapters live in {@code telemetry.micrometer}. Events arrive on
 * the reporting stage's thread and must be handled without blocking.
 */
@NullMarked
package org.wasmbroker.telemetry;

import org.jspecify.annotations.NullMarked;
