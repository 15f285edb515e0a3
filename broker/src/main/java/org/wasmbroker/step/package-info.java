/**
 * The broker's vocabulary as immutable values: what a step is, its outcome, and what running it
 * used. No threads, no I/O.
 */
@NullMarked
package org.wasmbroker.step;

import org.jspecify.annotations.NullMarked;
