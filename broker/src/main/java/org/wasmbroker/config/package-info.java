/**
 * From file, environment and flags to the stages' config records, once, at start: every problem is
 * found before any is told. Runs on the main thread.
 */
@NullMarked
package org.wasmbroker.config;

import org.jspecify.annotations.NullMarked;
