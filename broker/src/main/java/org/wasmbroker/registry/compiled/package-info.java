/**
 * The modules that are compiled now: each once, whoever asks, and freed when nobody names it any
 * more and no run uses it. It has no threads: a module is compiled by the first one that asks.
 */
@NullMarked
package org.wasmbroker.registry.compiled;

import org.jspecify.annotations.NullMarked;
