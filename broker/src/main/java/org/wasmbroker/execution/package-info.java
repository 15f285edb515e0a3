/**
 * Runs a step from its document to its outcome: the guest's runs and checkpoints, the result
 * document, the checks of its result, the errors of its failures, and whether it is tried again.
 * Works on the caller's thread and knows neither queues nor databases; a protocol takes part
 * through {@link org.wasmbroker.execution.StepRules}.
 */
@NullMarked
package org.wasmbroker.execution;

import org.jspecify.annotations.NullMarked;
