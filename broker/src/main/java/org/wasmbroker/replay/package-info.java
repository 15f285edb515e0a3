/**
 * Runs a recorded step again, offline: its module gets the recorded answers in their order, and
 * what it does with them is compared with the recording. Works on a guest thread for one run, and
 * reaches nothing outside: no network, no database, no secrets, no clock.
 */
@NullMarked
package org.wasmbroker.replay;

import org.jspecify.annotations.NullMarked;
