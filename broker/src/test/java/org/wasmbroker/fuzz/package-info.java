/** Runs the fuzz targets, which are next to the code that they fuzz; see docs/fuzzing.md. */
@NullMarked
package org.wasmbroker.fuzz;

import org.jspecify.annotations.NullMarked;
