/**
 * The dead letters of the standalone protocol, as an operator deals with them: found, shown, sent
 * again, discarded. Called from commands, never by a running broker.
 */
@NullMarked
package org.wasmbroker.protocol.standalone.deadletter;

import org.jspecify.annotations.NullMarked;
