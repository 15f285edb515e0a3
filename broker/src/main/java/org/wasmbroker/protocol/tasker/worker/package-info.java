/**
 * The implementation of the port as one of Tasker's workers, composed of its parts, and what has to
 * be set up before it claims steps.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.worker;

import org.jspecify.annotations.NullMarked;
