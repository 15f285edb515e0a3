/**
 * From an offer to a module that can run: fetched, read, trusted, compiled. A module is loaded by a
 * thread of its own, {@code module-load}, whoever asks for it; the threads {@code
 * module-loader-<n>} see to what will be needed, a few at once.
 */
@NullMarked
package org.wasmbroker.registry.load;

import org.jspecify.annotations.NullMarked;
