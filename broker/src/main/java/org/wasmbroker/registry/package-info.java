/**
 * From a handler's name and version to a verified, compiled and limited module: where modules come
 * from, which version a step gets, what its manifest says. The thread {@code registry} compiles at
 * start and checks for new modules; a guest thread that needs a module earlier compiles it itself.
 */
@NullMarked
package org.wasmbroker.registry;

import org.jspecify.annotations.NullMarked;
