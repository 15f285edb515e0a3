/**
 * The host functions: one class per capability, the same for every engine. A function sees its
 * arguments, the guest's memory and the state of its run, and treats all of them as hostile. Runs
 * on the thread of the run.
 */
@NullMarked
package org.wasmbroker.sandbox.host;

import org.jspecify.annotations.NullMarked;
