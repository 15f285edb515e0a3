/**
 * The second engine: the same contract implemented with wasmtime-java 0.19.0, which contains
 * Wasmtime 7 from 2023. For hosts without libwasmtime, and as the baseline of the benchmarks;
 * {@code docs/adr/0002-wasmtime-java-second-engine.md} lists what it cannot do. Guests run on the
 * caller's thread; a separate thread checks deadlines and cancellations. No other package uses the
 * library.
 */
@NullMarked
package org.wasmbroker.sandbox.wasmtimejava;

import org.jspecify.annotations.NullMarked;
