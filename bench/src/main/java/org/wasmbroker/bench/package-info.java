/**
 * Measurements: what a fresh instance costs, whether memory stays flat, what a step costs from
 * queue to result, in both protocols.
 */
@NullMarked
package org.wasmbroker.bench;

import org.jspecify.annotations.NullMarked;
