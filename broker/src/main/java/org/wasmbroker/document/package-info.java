/**
 * Reading documents that people and guests write, YAML and JSON: one strict reader, one rule for
 * unknown members, and one {@link org.wasmbroker.document.Problem} for all of them. Pure functions
 * of bytes, called from any thread.
 */
@NullMarked
package org.wasmbroker.document;

import org.jspecify.annotations.NullMarked;
