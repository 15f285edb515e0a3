package org.wasmbroker.egress;

import org.wasmbroker.step.StepId;
import org.wasmbroker.step.TraceContext;

/**
 * On whose behalf requests are sent.
 *
 * @param handler the name of the handler that runs
 */
public record Caller(StepId step, String handler, TraceContext trace) {}
