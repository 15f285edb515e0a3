/**
 * Writes the outcomes of claimed steps to Tasker's tables and notifies the orchestrator. Called
 * from the threads of report, and from those of intake for steps that never run; a {@code
 * ResultNotifier} has one of its own.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.report;

import org.jspecify.annotations.NullMarked;
