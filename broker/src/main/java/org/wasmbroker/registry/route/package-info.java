/**
 * Which release a step gets: its reference and its facts, what a rollout says, and what is there.
 * Nothing blocks here, and no threads.
 */
@NullMarked
package org.wasmbroker.registry.route;

import org.jspecify.annotations.NullMarked;
