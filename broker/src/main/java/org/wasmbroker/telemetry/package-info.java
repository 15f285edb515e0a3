/**
 * The events that the stages report, as one interface with defaults that do nothing. Adapters live
 * in {@code telemetry.micrometer}. Events arrive on the reporting stage's thread and return at
 * once; imports {@code step} only.
 */
@NullMarked
package org.wasmbroker.telemetry;

import org.jspecify.annotations.NullMarked;
