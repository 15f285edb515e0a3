/**
 * The second engine: the same contract on the library wasmtime-java 0.19.0, which carries Wasmtime
 * 7 of 2023. For hosts without libwasmtime, and as the baseline of the benchmarks; {@code
 * docs/adr/0002-wasmtime-java-second-engine.md} says what it cannot do. Guests run on the caller's
 * thread; one thread of its own looks at deadlines and cancellations. May import {@code sandbox},
 * {@code sandbox.binary} and {@code sandbox.host}; nothing else touches the library.
 */
@NullMarked
package org.wasmbroker.sandbox.wasmtimejava;

import org.jspecify.annotations.NullMarked;
