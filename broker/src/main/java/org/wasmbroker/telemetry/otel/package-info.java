/**
 * Traces of steps by OpenTelemetry: the adapter of {@link org.wasmbroker.telemetry.Tracing}, its
 * configuration by the standard environment variables, and the export by OTLP. Nothing else of the
 * broker knows of OpenTelemetry. The stages' threads begin and end spans; the thread {@code
 * trace-exporter} sends them to the collector.
 */
@NullMarked
package org.wasmbroker.telemetry.otel;

import org.jspecify.annotations.NullMarked;
