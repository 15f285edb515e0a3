/**
 * Writes the outcomes of claimed steps to Tasker's tables and notifies the orchestrator. Called
 * from the threads of report, and from those of intake for steps that never run; a {@code
 * ResultNotifier} has one of its own. Imports {@code execution}, {@code pgmq}, {@code protocol},
 * {@code protocol.tasker}, {@code protocol.tasker.claim}, {@code protocol.tasker.events}, {@code
 * protocol.tasker.template}, {@code step} and {@code telemetry}.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.report;

import org.jspecify.annotations.NullMarked;
