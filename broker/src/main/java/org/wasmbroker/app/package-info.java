/**
 * Builds everything in order, starts it, drains it, closes it; and what a person sees of a running
 * broker: health and metrics over HTTP, on virtual threads named {@code http-}, and the log. May
 * import anything but {@code cli} and {@code config}.
 */
@NullMarked
package org.wasmbroker.app;

import org.jspecify.annotations.NullMarked;
