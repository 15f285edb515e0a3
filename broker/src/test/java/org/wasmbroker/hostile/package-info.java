/**
 * The hostile guests of {@code handlers-wasm/hostile} at work in a broker, beside good steps, on
 * every engine.
 */
@NullMarked
package org.wasmbroker.hostile;

import org.jspecify.annotations.NullMarked;
