/**
 * Runs the hostile guests of {@code handlers-wasm/hostile} in a broker, next to good steps, on
 * every engine.
 */
@NullMarked
package org.wasmbroker.hostile;

import org.jspecify.annotations.NullMarked;
