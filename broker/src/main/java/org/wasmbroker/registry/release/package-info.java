/**
 * The vocabulary of the registry: what a release of a handler is, what belongs to it, and what its
 * manifest says. Values only; no threads.
 */
@NullMarked
package org.wasmbroker.registry.release;

import org.jspecify.annotations.NullMarked;
