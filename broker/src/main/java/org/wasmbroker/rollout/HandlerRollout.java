package org.wasmbroker.rollout;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Version;

/**
 * What a plain reference to a handler means.
 *
 * @param stable for every step that does not get the candidate
 * @param fromChannel whether the default channel says so, and not the handler's own section
 * @param candidate null for none
 */
public record HandlerRollout(
    String handler, Version stable, boolean fromChannel, @Nullable Candidate candidate) {}
