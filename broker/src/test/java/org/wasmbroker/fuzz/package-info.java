/** Runs the targets of fuzzing, which stand beside the code that they fuzz: docs/fuzzing.md. */
@NullMarked
package org.wasmbroker.fuzz;

import org.jspecify.annotations.NullMarked;
