/**
 * Looks whether everything that a broker needs is there, and says what to do about what is not. It
 * changes nothing. Runs on the caller's thread; may import {@code app} and what the protocols, the
 * registry and the engines show of themselves.
 */
@NullMarked
package org.wasmbroker.doctor;

import org.jspecify.annotations.NullMarked;
