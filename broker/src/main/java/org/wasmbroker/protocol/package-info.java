/**
 * The port between the broker's stages and the queue: claim, renew, complete, release; and a
 * protocol's part in running a step ({@link org.wasmbroker.execution.StepRules}). {@code
 * protocol.standalone} and {@code protocol.tasker} implement it. Called from the threads of intake,
 * report and the guests.
 */
@NullMarked
package org.wasmbroker.protocol;

import org.jspecify.annotations.NullMarked;
