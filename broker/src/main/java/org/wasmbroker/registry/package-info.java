/**
 * From a handler's name and version to a verified, compiled and limited module: where modules come
 * from, which version a step gets, what its manifest says. The thread {@code registry} has virtual
 * threads load all modules at start, and checks for new ones; a lookup for a step that needs a
 * module earlier loads it itself, on a thread of its own.
 */
@NullMarked
package org.wasmbroker.registry;

import org.jspecify.annotations.NullMarked;
