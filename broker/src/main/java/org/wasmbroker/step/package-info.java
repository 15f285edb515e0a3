/**
 * The words of the broker as immutable values: what a step is, what became of it, and what running
 * it cost. No threads, no input or output; imports none of the other packages.
 */
@NullMarked
package org.wasmbroker.step;

import org.jspecify.annotations.NullMarked;
