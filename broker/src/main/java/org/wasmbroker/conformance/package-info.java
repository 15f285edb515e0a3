/**
 * The conformance kit: step documents, what a good guest does with each, and how a module did. The
 * cases are data, in {@code handlers-wasm/conformance}; docs/conformance.md says what a guest has
 * to implement. Works on the caller's thread, guests on threads of their own, and the JDK's server
 * answers their requests on its own.
 */
@NullMarked
package org.wasmbroker.conformance;

import org.jspecify.annotations.NullMarked;
