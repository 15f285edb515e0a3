/**
 * Checks whether everything that a broker needs is in place, and says how to fix what is not. It
 * changes nothing. Runs on the caller's thread.
 */
@NullMarked
package org.wasmbroker.doctor;

import org.jspecify.annotations.NullMarked;
