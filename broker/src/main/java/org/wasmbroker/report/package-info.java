/**
 * Writes the outcomes of steps to the queue, in batches of one transaction each, and releases steps
 * that have none. The threads {@code reporter-1}, {@code reporter-2}, … write; every other thread
 * only adds to the backlog.
 */
@NullMarked
package org.wasmbroker.report;

import org.jspecify.annotations.NullMarked;
