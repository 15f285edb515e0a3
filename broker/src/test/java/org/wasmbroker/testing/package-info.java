/** Fakes by hand, and what tests need to run on real parts. */
@NullMarked
package org.wasmbroker.testing;

import org.jspecify.annotations.NullMarked;
