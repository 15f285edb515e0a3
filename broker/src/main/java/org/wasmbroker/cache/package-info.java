/**
 * What steps keep for each other in the broker's memory: a partition for each module and namespace,
 * bounded each and together. Runs in the threads of steps.
 */
@NullMarked
package org.wasmbroker.cache;

import org.jspecify.annotations.NullMarked;
