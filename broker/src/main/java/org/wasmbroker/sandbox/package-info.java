/**
 * The contract of running a guest, independent of the engine: a module is compiled once and run
 * many times, each time in a fresh instance under limits; the result says how the run ended and
 * what it used. Runs happen on the caller's thread. Knows nothing about queues and protocols.
 */
@NullMarked
package org.wasmbroker.sandbox;

import org.jspecify.annotations.NullMarked;
