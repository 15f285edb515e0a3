/**
 * The directories of files that steps are granted: what is in them when a guest begins, from the
 * step, from its module or from a directory of the operator's, and the memory that all of them may
 * take. Runs in the threads of steps.
 */
@NullMarked
package org.wasmbroker.files;

import org.jspecify.annotations.NullMarked;
