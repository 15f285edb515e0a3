/**
 * The port between the broker's stages and the queue: claim, renew, complete, give back. Behind it
 * stands {@code protocol.standalone}. Called from the threads of intake and report; may import
 * {@code pgmq} and {@code step}.
 */
@NullMarked
package org.wasmbroker.protocol;

import org.jspecify.annotations.NullMarked;
