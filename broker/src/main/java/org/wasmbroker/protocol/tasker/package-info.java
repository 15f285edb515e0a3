/**
 * What all parts of a Tasker worker share: its configuration, the names of namespaces and queues,
 * the settings of a database session, a loop that runs on a thread of its own.
 */
@NullMarked
package org.wasmbroker.protocol.tasker;

import org.jspecify.annotations.NullMarked;
