/**
 * Secrets: where their values come from, which of them a step was given, and whether a step's
 * output or requests would leak one. Has no threads of its own; a step's secrets are used by the
 * step's thread.
 */
@NullMarked
package org.wasmbroker.secret;

import org.jspecify.annotations.NullMarked;
