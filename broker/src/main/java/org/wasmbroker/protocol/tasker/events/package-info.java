/**
 * Publishes the domain events that templates declare, once their steps are reported. Called from
 * the threads of report.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.events;

import org.jspecify.annotations.NullMarked;
