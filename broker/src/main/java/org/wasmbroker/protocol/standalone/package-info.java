/**
 * The standalone protocol: self-contained messages on one queue, results on another, dead letters
 * on a third; docs/protocol-standalone.md describes them. Called from the threads of intake, report
 * and the guests.
 */
@NullMarked
package org.wasmbroker.protocol.standalone;

import org.jspecify.annotations.NullMarked;
