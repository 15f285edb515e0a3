package org.wasmbroker.step;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The names by which a step is found again: its own, its task's, and its correlation's. */
public record StepIds(StepId step, @Nullable UUID task, @Nullable UUID correlation) {}
