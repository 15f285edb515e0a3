package org.wasmbroker.step;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The ids of a step: its own, its task's and its correlation's. */
public record StepIds(StepId step, @Nullable UUID task, @Nullable UUID correlation) {}
