/**
 * What all parts of a Tasker worker share: its configuration, the names of namespaces and queues,
 * and the settings of a database session.
 */
@NullMarked
package org.wasmbroker.protocol.tasker;

import org.jspecify.annotations.NullMarked;
