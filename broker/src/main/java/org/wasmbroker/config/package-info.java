/**
 * Reads file, environment and flags into the stages' config records, once, at startup. All problems
 * are collected and reported together. Runs on the main thread.
 */
@NullMarked
package org.wasmbroker.config;

import org.jspecify.annotations.NullMarked;
