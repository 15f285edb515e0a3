/**
 * Brokers under load that a real Prometheus scrapes with the rules of deploy/prometheus, and every
 * query of the dashboards and alerts asked of it. By {@code make dashboards-check}; the test's
 * thread drives everything.
 */
@NullMarked
package org.wasmbroker.observed;

import org.jspecify.annotations.NullMarked;
