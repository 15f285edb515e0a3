/**
 * Reading and rewriting of WebAssembly binaries: what a module declares ({@link
 * org.wasmbroker.sandbox.binary.ModuleShape}), and copies of it that an engine can control better
 * than the original. Input is untrusted: every length is checked before it is used. Stateless; runs
 * on any thread.
 */
@NullMarked
package org.wasmbroker.sandbox.binary;

import org.jspecify.annotations.NullMarked;
