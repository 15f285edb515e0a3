/**
 * The examples of a manifest, run: each in the real sandbox, exactly as a step of a queue is run,
 * and its outcome compared with what the manifest expects. Works on the caller's thread, and a
 * guest on a thread of its own.
 */
@NullMarked
package org.wasmbroker.example;

import org.jspecify.annotations.NullMarked;
