/**
 * The engine based on libwasmtime, bound with {@code java.lang.foreign}; no other package calls
 * native code. A guest runs on the thread that calls {@code run}; a daemon thread ticks while
 * guests run. Modules are compiled in child processes; a daemon thread waits for each answer. No
 * exception may leave an upcall: it would end the JVM.
 */
@NullMarked
package org.wasmbroker.sandbox.wasmtime;

import org.jspecify.annotations.NullMarked;
