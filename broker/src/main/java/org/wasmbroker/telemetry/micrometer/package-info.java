/**
 * The broker's metrics, in Micrometer for Prometheus. Meters are created when their tags are first
 * seen, and kept; recording takes no lock. Events arrive on the stages' threads, scrapes on the
 * HTTP endpoint's threads.
 */
@NullMarked
package org.wasmbroker.telemetry.micrometer;

import org.jspecify.annotations.NullMarked;
