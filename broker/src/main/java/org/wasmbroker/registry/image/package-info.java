/**
 * Prepared images: what a module's {@code prepare} left for a configuration, kept for the next runs
 * with it, in one cache with a bound on its bytes. It has no threads: a run that finds no image
 * makes it, if that pays.
 */
@NullMarked
package org.wasmbroker.registry.image;

import org.jspecify.annotations.NullMarked;
