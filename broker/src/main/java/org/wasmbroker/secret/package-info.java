/**
 * Secrets: where their values come from, which of them a step was given, and whether one is about
 * to leave with what the step says. No threads of its own; a step's scope is used by the step's
 * thread. May import {@code grant}, {@code sandbox}, {@code step}, {@code telemetry} and {@code
 * url}.
 */
@NullMarked
package org.wasmbroker.secret;

import org.jspecify.annotations.NullMarked;
