/**
 * Brings steps in and keeps them: the thread {@code poller} claims and hands over to dispatch, the
 * thread {@code lease-keeper} extends leases until the last outcome is written. Notifications of
 * new steps and of capacity come from other threads and only end a wait.
 */
@NullMarked
package org.wasmbroker.intake;

import org.jspecify.annotations.NullMarked;
