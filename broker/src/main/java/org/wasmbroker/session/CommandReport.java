package org.wasmbroker.session;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Outcome;

/**
 * What became of one command of a line.
 *
 * @param outcome of its step; null for those of the shell itself, and one that was not found
 */
record CommandReport(String name, int exitCode, @Nullable Outcome outcome) {}
