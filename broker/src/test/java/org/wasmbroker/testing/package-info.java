/** Hand-written fakes, and what tests need to run with real parts. */
@NullMarked
package org.wasmbroker.testing;

import org.jspecify.annotations.NullMarked;
