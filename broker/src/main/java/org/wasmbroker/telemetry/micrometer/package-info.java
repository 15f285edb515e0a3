/**
 * The broker's metrics, in Micrometer for Prometheus: the only package that knows Micrometer.
 * Meters are made when their tags are first seen and kept; recording takes no lock. Events arrive
 * on the stages' threads, scrapes on the HTTP endpoint's; may import {@code telemetry} and {@code
 * step}.
 */
@NullMarked
package org.wasmbroker.telemetry.micrometer;

import org.jspecify.annotations.NullMarked;
