/**
 * Which releases exist: what the sources offered when they were listed last. Each source is listed
 * by a thread of its own, {@code registry-list}, so that a slow one delays neither the others nor a
 * step; what a source had stays while it cannot be listed.
 */
@NullMarked
package org.wasmbroker.registry.index;

import org.jspecify.annotations.NullMarked;
