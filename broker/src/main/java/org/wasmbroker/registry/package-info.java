/**
 * From a handler's name and version to a verified, compiled and limited module: where modules come
 * from, which version a step gets, what its manifest says. Modules are compiled on the thread that
 * asks first; may import {@code sandbox}, {@code step} and {@code telemetry}.
 */
@NullMarked
package org.wasmbroker.registry;

import org.jspecify.annotations.NullMarked;
