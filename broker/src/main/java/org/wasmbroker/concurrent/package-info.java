/** Threads that repeat a task until they are stopped, and how to wait for the end of a thread. */
@NullMarked
package org.wasmbroker.concurrent;

import org.jspecify.annotations.NullMarked;
