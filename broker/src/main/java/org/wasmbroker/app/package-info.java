/**
 * The composition root: builds everything in order, starts it, drains it, closes it. Also what
 * operators see of a running broker: health and metrics over HTTP, on virtual threads named {@code
 * http-}, and the log.
 */
@NullMarked
package org.wasmbroker.app;

import org.jspecify.annotations.NullMarked;
