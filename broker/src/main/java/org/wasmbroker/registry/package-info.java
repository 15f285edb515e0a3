/**
 * From a handler's name and version to a verified, compiled and limited module: what the parts of
 * the registry know, composed. The thread {@code registry} has the sources listed at an interval
 * and puts into service what was loaded meanwhile; a lookup for a step that needs a module earlier
 * loads it itself, on a thread of its own.
 */
@NullMarked
package org.wasmbroker.registry;

import org.jspecify.annotations.NullMarked;
