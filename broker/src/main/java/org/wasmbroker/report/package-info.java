/**
 * Writes what became of steps to the queue: outcomes in batches, one transaction each, and steps
 * that are given back. The threads {@code reporter-1}, {@code reporter-2}, … write; every other
 * thread only puts something into the backlog. May import {@code protocol}, {@code step} and {@code
 * telemetry}.
 */
@NullMarked
package org.wasmbroker.report;

import org.jspecify.annotations.NullMarked;
