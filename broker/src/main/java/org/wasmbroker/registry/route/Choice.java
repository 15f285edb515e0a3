package org.wasmbroker.registry.route;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.HandlerRef;

/**
 * What a rollout chose for a step, as exact references such as {@code transform@1.3.0}.
 *
 * @param otherwise serves while the first one is not there, not loaded, or refused; null for none
 */
public record Choice(HandlerRef version, @Nullable HandlerRef otherwise) {}
