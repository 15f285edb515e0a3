/**
 * Host functions as such, the same for every engine: the table of them, what a call sees of its
 * run, WASI, and the validation of modules. A function sees its arguments, the guest's memory and
 * the state of its run, and treats the arguments and the memory as hostile. Runs on the thread of
 * the run.
 */
@NullMarked
package org.wasmbroker.sandbox.host;

import org.jspecify.annotations.NullMarked;
