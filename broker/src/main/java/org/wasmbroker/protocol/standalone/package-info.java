/**
 * The standalone protocol: self-contained messages on one queue, results on another, dead letters
 * on a third; docs/protocol-standalone.md tells what they look like. Called from the threads of
 * intake and report; imports {@code protocol}, {@code pgmq}, {@code step} and {@code telemetry}.
 */
@NullMarked
package org.wasmbroker.protocol.standalone;

import org.jspecify.annotations.NullMarked;
