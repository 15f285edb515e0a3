/**
 * Recordings of steps: what passed between a step's guests and their host, in a file from which the
 * step can be run again. A recording is collected on the step's thread and written by the thread
 * {@code recordings}. The format is in docs/recording.md.
 */
@NullMarked
package org.wasmbroker.recording;

import org.jspecify.annotations.NullMarked;
