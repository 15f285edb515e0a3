/**
 * Compares two builds of the broker: both run in turns as processes of their own, on one Postgres,
 * and are measured from outside, so that a build needs to know nothing of its measurement.
 */
@NullMarked
package org.wasmbroker.bench.compare;

import org.jspecify.annotations.NullMarked;
