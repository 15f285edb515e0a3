/**
 * The engine on libwasmtime, bound with {@code java.lang.foreign}; the only code that touches it. A
 * guest runs on the thread that calls {@code run}; one daemon thread ticks while guests run.
 * Nothing may leave an upcall: an exception that did would end the JVM. May import {@code sandbox},
 * {@code sandbox.binary} and {@code sandbox.host}.
 */
@NullMarked
package org.wasmbroker.sandbox.wasmtime;

import org.jspecify.annotations.NullMarked;
