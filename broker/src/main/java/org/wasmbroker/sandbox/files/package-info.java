/**
 * Directories of files in memory, as guests see them: trees of bytes with bounds on bytes and
 * entries, paths that never lead out of the directory they start in, and open files. Nothing here
 * touches the host's files. Runs on the threads of steps.
 */
@NullMarked
package org.wasmbroker.sandbox.files;

import org.jspecify.annotations.NullMarked;
