/**
 * Workflows that are checked before they run: steps, their handlers and configurations, what they
 * refer to and what they reach. No step is run; configurations are tried in the sandbox by whoever
 * implements {@link org.wasmbroker.plan.Trial}. Pure otherwise; no threads.
 */
@NullMarked
package org.wasmbroker.plan;

import org.jspecify.annotations.NullMarked;
