/** The whole broker under Tasker's real orchestrator, and that orchestrator by itself. */
@NullMarked
package org.wasmbroker.tasker;

import org.jspecify.annotations.NullMarked;
