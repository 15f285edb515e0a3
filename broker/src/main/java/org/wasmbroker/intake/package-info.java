/**
 * Brings steps in and keeps them: the thread {@code poller} claims and hands over to dispatch, the
 * thread {@code lease-keeper} extends leases until the last outcome is written. Arrivals and room
 * are told from other threads and only end a wait. May import {@code dispatch}, {@code protocol},
 * {@code step} and {@code telemetry}.
 */
@NullMarked
package org.wasmbroker.intake;

import org.jspecify.annotations.NullMarked;
